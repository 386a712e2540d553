import { Hono } from 'hono';
import { z } from 'zod';
import type { SwarmControl } from '../compose/swarm.js';
import { holdoutPercent, maxPeers, swarmMode, uploadBytesPerSecond } from '../config/swarm-schema.js';

const HELP =
  'Send some of {"mode": "on" | "leech" | "off", "uploadBytesPerSecond": 500000, "maxPeers": 8, "holdoutPercent": 10}; what is not named stays.';

const CHANGES = z.strictObject({
  mode: swarmMode.optional(),
  uploadBytesPerSecond: uploadBytesPerSecond.optional(),
  maxPeers: maxPeers.optional(),
  holdoutPercent: holdoutPercent.optional(),
});

/** `GET /swarm` and `PUT /swarm`: what players are told, at once and until the edge stops. */
export function createSwarmRoute(swarm: SwarmControl | undefined): Hono {
  const app = new Hono();
  app.use('/swarm', async (context, next) => {
    if (swarm !== undefined) return next();
    return context.json({ error: 'swarm-off', message: 'This edge has no swarm (swarm.enabled).' }, 404);
  });
  app.get('/swarm', (context) => context.json(swarm?.settings));
  app.put('/swarm', async (context) => {
    // As with purges: no page in the operator's browser can send this without being asked about first.
    if (context.req.header('content-type')?.split(';', 1)[0] !== 'application/json') {
      return context.json({ error: 'not-json', message: 'Send Content-Type: application/json.' }, 415);
    }
    const changes = CHANGES.safeParse(await context.req.json().catch(() => undefined));
    if (!changes.success) return context.json({ error: 'bad-settings', message: HELP }, 400);
    const given = Object.entries(changes.data).filter(([, value]) => value !== undefined);
    return context.json(swarm?.change(Object.fromEntries(given)));
  });
  app.all('/swarm', (context) => {
    context.header('Allow', 'GET, PUT');
    return context.json({ error: 'method-not-allowed', message: 'Settings are read or put.' }, 405);
  });
  return app;
}
