import { EDDY_PREFIX } from '@eddy/protocol';
import { Hono } from 'hono';
import { z } from 'zod';
import { requestKey } from '../http/request-key.js';
import type { Site } from '../http/site.js';
import type { PurgeReport, PurgeTarget } from '../purge/purge.js';
import type { OtherEdges, PurgeSpread } from '../purge/spread.js';

const HELP =
  'Send one of {"path": "/as/requested.m4s"}, {"prefix": "/live/"}, {"tag": "a-surrogate-key"}, and "soft": true to keep it usable while the origin is asked.';

const ORDER = z
  .strictObject({
    path: z.string().optional(),
    prefix: z.string().startsWith('/').optional(),
    tag: z.string().min(1).optional(),
    /** Name of a site; only where there are several, and not for tags, which are everybody's. */
    site: z.string().optional(),
    soft: z.boolean().prefault(false),
  })
  .refine(({ path, prefix, tag }) => [path, prefix, tag].filter((given) => given !== undefined).length === 1);

export interface PurgeRouteComponents {
  readonly purges: PurgeSpread;
  readonly sites: readonly Pick<Site, 'name' | 'prefix' | 'key'>[];
}

/** `POST /purge`: by path (whatever its query and variant), by prefix, or by surrogate key; hard or soft. */
export function createPurgeRoute({ purges, sites }: PurgeRouteComponents): Hono {
  const app = new Hono();
  app.post('/purge', async (context) => {
    // A page in the operator's browser can post forms to this address, but not JSON without being asked about first.
    if (context.req.header('content-type')?.split(';', 1)[0] !== 'application/json') {
      return context.json({ error: 'not-json', message: 'Send Content-Type: application/json.' }, 415);
    }
    const order = ORDER.safeParse(await context.req.json().catch(() => undefined));
    if (!order.success) return context.json({ error: 'bad-target', message: HELP }, 400);
    const { path, prefix: begins, tag, soft } = order.data;
    const site =
      order.data.site === undefined && sites.length === 1
        ? sites[0]
        : sites.find(({ name }) => name === order.data.site);
    if (site === undefined && tag === undefined) {
      const names = sites.map(({ name }) => name).join(', ');
      return context.json({ error: 'unknown-site', message: `Add "site", one of: ${names}.` }, 400);
    }
    const prefix = site?.prefix ?? '';
    let target: PurgeTarget;
    let named: Record<string, string>;
    if (path !== undefined) {
      const key = requestKey(path, site?.key ?? { urlBytes: path.length, query: 'none', ignoreQuery: [] });
      if ('refused' in key) return context.json({ error: key.refused, message: HELP }, 400);
      if (key.path.startsWith(EDDY_PREFIX)) return context.json(nothing({ path: key.path }));
      target = { by: 'path', path: prefix + key.path };
      named = { path: key.path };
    } else if (begins !== undefined) {
      target = { by: 'prefix', prefix: prefix + begins };
      named = { prefix: begins };
    } else {
      target = { by: 'tag', tag: tag ?? '' };
      named = { tag: tag ?? '' };
    }
    try {
      const { local, others } = await purges.send({ target, soft });
      if (others === undefined) return context.json({ ...named, ...local });
      const { problem, isDurable, ...edges } = others;
      if (problem === undefined) return context.json({ ...named, ...local, edges });
      return context.json({ ...named, ...local, edges, ...incomplete(others, problem) }, 503);
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'purge-not-durable')) throw error;
      const message = `${error.message}. It is gone for now; purge again when the disk is well, before a restart.`;
      return context.json({ ...named, error: 'purge-not-durable', message }, 503);
    }
  });
  app.all('/purge', (context) => {
    context.header('Allow', 'POST');
    return context.json({ error: 'method-not-allowed', message: 'Purges are posted.' }, 405);
  });
  return app;
}

function incomplete(
  { missing, isDurable }: OtherEdges,
  problem: string,
): { readonly error: string; readonly message: string } {
  const who = missing.length === 0 ? 'other edges that are not known now' : missing.join(', ');
  const then = isDurable
    ? 'They do it as soon as they can.'
    : 'Purge again: it does no harm where it is done.';
  return {
    error: 'edges-missing',
    message: `It is gone here. Not known of: ${who} (${problem}). ${then}`,
  };
}

function nothing(named: Record<string, string>): Record<string, string> & PurgeReport {
  return Object.assign(named, { objects: 0, fills: 0, keys: [] });
}
