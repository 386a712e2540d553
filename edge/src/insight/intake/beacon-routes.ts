import type { IncomingMessage, ServerResponse } from 'node:http';
import { BEACON_PATH, MAX_BEACON_BYTES } from '@eddy/protocol';
import { Hono } from 'hono';
import { type Answer, type Receive, tooLarge } from './receive.js';

/**
 * `sendBeacon` posts with credentials from any site, so the asking origin is allowed by name; there are none to steal.
 */
export function fieldsFor(origin: string | undefined): Record<string, string> {
  return {
    Vary: 'Origin',
    'Access-Control-Allow-Origin': origin ?? '*',
    ...(origin === undefined ? {} : { 'Access-Control-Allow-Credentials': 'true' }),
  };
}

/** All but POST, which `postListener` answers: it is asked hundreds of times a second. */
export function beaconRoutes(): Hono {
  const routes = new Hono();
  routes.options(BEACON_PATH, (context) =>
    context.body(null, 204, {
      ...fieldsFor(context.req.header('Origin')),
      'Access-Control-Allow-Methods': 'POST',
      'Access-Control-Allow-Headers': 'Content-Type',
      'Access-Control-Max-Age': '86400',
    }),
  );
  routes.all(BEACON_PATH, (context) =>
    context.text('Beacons are posted.\n', 405, {
      ...fieldsFor(context.req.header('Origin')),
      Allow: 'POST, OPTIONS',
    }),
  );
  return routes;
}

/** Answers a POST to `BEACON_PATH`. */
export type BeaconListener = (
  request: IncomingMessage,
  response: ServerResponse,
  from: { readonly address: string; readonly site: string },
) => void;

export function postListener(
  receive: Receive,
  components: { readonly onTooLarge: () => void; readonly onError: (error: unknown) => void },
): BeaconListener {
  return (request, response, { address, site }) => {
    const { origin, 'user-agent': userAgent, host } = request.headers;
    const respond = ({ status, text }: Answer): void => {
      if (response.headersSent || response.destroyed) return;
      const fields = Object.entries(fieldsFor(origin)).flat();
      if (status === 503) fields.push('Retry-After', '5');
      // The rest of a body that is too large is not waited for.
      if (status === 413) fields.push('Connection', 'close');
      if (text !== undefined) fields.push('Content-Type', 'text/plain; charset=UTF-8');
      response.writeHead(status, fields).end(text === undefined ? undefined : `${text}\n`);
    };
    const pieces: Buffer[] = [];
    let bytes = 0;
    request.on('data', (piece: Buffer) => {
      if (bytes > MAX_BEACON_BYTES) return;
      bytes += piece.length;
      pieces.push(piece);
      if (bytes <= MAX_BEACON_BYTES) return;
      components.onTooLarge();
      respond(tooLarge());
    });
    request.on('end', () => {
      if (bytes > MAX_BEACON_BYTES) return;
      const [only] = pieces;
      const body = pieces.length === 1 ? only?.toString() : Buffer.concat(pieces).toString();
      receive(body ?? '', { address, userAgent, door: { site, host } }).then(respond, (error: unknown) => {
        components.onError(error);
        respond({ status: 503, text: 'Batches cannot be taken now.' });
      });
    });
  };
}
