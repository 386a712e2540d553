import { BEACON_PATH, MAX_BEACON_BYTES, ProtocolError, parseBeacon, splitTokenPath } from '@eddy/protocol';
import { type Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { InsightError } from '../errors.js';
import type { BeaconResult } from '../metrics.js';
import type { Intake } from './intake.js';

export interface BeaconRoutesComponents {
  readonly intake: Intake;
  readonly count: (result: BeaconResult) => void;
  /** Called when the store refuses batches. */
  readonly onStoreError: (error: InsightError) => void;
}

/**
 * POST of a batch: 204 when it is committed (a known one too), 400 with a reason, 413, or 503 with `Retry-After`.
 * `sendBeacon` posts with credentials from any site, so the asking origin is allowed by name; there are none to steal.
 */
export function beaconRoutes({ intake, count, onStoreError }: BeaconRoutesComponents): Hono {
  const routes = new Hono();
  routes.use(BEACON_PATH, async (context, next) => {
    allowOrigin(context);
    await next();
  });
  routes.options(BEACON_PATH, (context) => {
    context.header('Access-Control-Allow-Methods', 'POST');
    context.header('Access-Control-Allow-Headers', 'Content-Type');
    context.header('Access-Control-Max-Age', '86400');
    return context.body(null, 204);
  });
  routes.post(
    BEACON_PATH,
    bodyLimit({
      maxSize: MAX_BEACON_BYTES,
      onError: (context) => {
        count('too-large');
        return context.text(`too-large: a beacon is at most ${MAX_BEACON_BYTES} bytes\n`, 413);
      },
    }),
    async (context) => {
      try {
        const parsed = parseBeacon(await context.req.text());
        // A token that a page left in is no part of any name.
        const beacon = { ...parsed, presentation: splitTokenPath(parsed.presentation).path };
        if (!beacon.presentation.startsWith('/')) {
          throw new ProtocolError('bad-value', 'beacon.presentation is not an absolute path');
        }
        count(await intake.accept(beacon));
        return context.body(null, 204);
      } catch (error) {
        if (error instanceof ProtocolError) {
          count('bad');
          return context.text(`${error.message}\n`, 400);
        }
        if (!(error instanceof InsightError)) throw error;
        const refusedByStore = error.code !== 'queue-full' && error.code !== 'closing';
        count(error.code === 'queue-full' || error.code === 'closing' ? error.code : 'store-failed');
        if (refusedByStore) onStoreError(error);
        context.header('Retry-After', '5');
        return context.text(refusedByStore ? 'Batches cannot be stored now.\n' : `${error.message}\n`, 503);
      }
    },
  );
  routes.all(BEACON_PATH, (context) => {
    context.header('Allow', 'POST, OPTIONS');
    return context.text('Beacons are posted.\n', 405);
  });
  return routes;
}

function allowOrigin(context: Context): void {
  const origin = context.req.header('Origin');
  context.header('Vary', 'Origin');
  context.header('Access-Control-Allow-Origin', origin ?? '*');
  if (origin !== undefined) context.header('Access-Control-Allow-Credentials', 'true');
}
