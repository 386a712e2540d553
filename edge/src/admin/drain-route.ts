import { type Context, Hono } from 'hono';
import { z } from 'zod';
import { timeout } from '../config/fields.js';
import { edgeUrl } from '../config/swarm-schema.js';
import type { Drain } from '../drain/drain.js';

const HELP =
  'Send {} or some of {"deadlineMs": 30000, "to": ["https://other.example"]}: players go within that time, to those edges.';

/** As long as a full edge takes to send its players away without a rush. */
const DEADLINE_MS = 30_000;

const ORDER = z.strictObject({
  deadlineMs: timeout.prefault(DEADLINE_MS),
  to: z.array(edgeUrl).max(16).prefault([]),
});

export interface DrainRouteComponents {
  readonly drain: Drain;
  /** Open connections of the public listeners. */
  readonly connections: () => Promise<number>;
  /** Every thread has heard of the last change. */
  readonly settled: () => Promise<void>;
  /** Players in rooms. */
  readonly viewers: () => number;
}

/** `GET /drain` tells how far it is, `POST /drain` begins, `DELETE /drain` takes it back; both may come again. */
export function createDrainRoute({ drain, settled, connections, viewers }: DrainRouteComponents): Hono {
  const app = new Hono();
  const report = async (context: Context): Promise<Response> => {
    const { order, agoMs } = drain;
    const begun = order === undefined ? {} : { ...order, agoMs: Math.floor(agoMs) };
    return context.json({
      draining: order !== undefined,
      ...begun,
      connections: await connections(),
      viewers: viewers(),
    });
  };
  app.get('/drain', report);
  app.post('/drain', async (context) => {
    // As with purges: no page in the operator's browser can send this without being asked about first.
    if (context.req.header('content-type')?.split(';', 1)[0] !== 'application/json') {
      return context.json({ error: 'not-json', message: 'Send Content-Type: application/json.' }, 415);
    }
    const text = await context.req.text();
    const order = ORDER.safeParse(text.trim() === '' ? {} : parsed(text));
    if (!order.success) return context.json({ error: 'bad-order', message: HELP }, 400);
    drain.begin(order.data);
    await settled();
    return report(context);
  });
  app.delete('/drain', async (context) => {
    drain.end();
    await settled();
    return report(context);
  });
  app.all('/drain', (context) => {
    context.header('Allow', 'GET, POST, DELETE');
    return context.json({ error: 'method-not-allowed', message: 'A drain is posted or deleted.' }, 405);
  });
  return app;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
