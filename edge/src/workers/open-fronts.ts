import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Timers } from '../components.js';
import type { HotLaneOptions } from '../hot/hot-lane.js';
import type { EdgeCounters } from '../telemetry/edge-counters.js';
import type { FrontData } from './front-messages.js';
import { Fronts, OWNER_SLOT } from './fronts.js';
import type { SharedTier } from './shared-tier.js';

export interface OpenFrontsComponents {
  /** The owner's own listener, with its hot lane. */
  readonly server: Server;
  readonly tier: SharedTier;
  readonly timers: Timers;
  /** A front has answered with it since the last time. */
  readonly onTouched: (key: string) => void;
  /** A front has sent media to a session. */
  readonly onSent: (session: string, bytes: number) => void;
  readonly onCrash: (error: Error, restarted: boolean) => void;
}

export interface OpenFrontsOptions {
  /** Descriptors of the public listener for fronts. */
  readonly fds: readonly number[];
  readonly count: number;
  readonly maxConnections: number;
  readonly lane: HotLaneOptions;
  /** Whose hits they answer. */
  readonly site: FrontData['site'];
}

export interface OpenFronts {
  readonly fronts: Fronts;
  /** Everything of `counters`, and what fronts have answered besides. */
  counted(counters: EdgeCounters): EdgeCounters;
  /** No more connections, those that are idle end, and at the deadline all. */
  stop(deadlineMs: number): Promise<void>;
}

const IDLE_SWEEP_MS = 50;

/** Starts fronts beside a listener: they share its limit on connections and know all that its tier holds. */
export async function openFronts(
  { server, tier, timers, onTouched, onSent, onCrash }: OpenFrontsComponents,
  { maxConnections, ...options }: OpenFrontsOptions,
): Promise<OpenFronts> {
  const tunnelled = new WeakSet<Socket>();
  const fronts = await Fronts.start(
    {
      records: () => tier.records(),
      onTouched: (key) => {
        tier.get(key);
        onTouched(key);
      },
      onConnection: (socket) => {
        tunnelled.add(socket);
        server.emit('connection', socket);
      },
      onSent,
      onCrash,
      frontUrl: frontModule(),
    },
    { maxConnections, ...options },
  );
  tier.tell(fronts);
  const { counters } = fronts;
  server.prependListener('connection', (socket: Socket) => {
    if (tunnelled.has(socket)) return;
    if (counters.sum('open') >= maxConnections) {
      counters.add(OWNER_SLOT, 'dropped', 1);
      socket.destroy();
    }
    counters.add(OWNER_SLOT, 'open', 1);
    socket.once('close', () => counters.add(OWNER_SLOT, 'open', -1));
  });
  return {
    fronts,
    counted: (own) => withFronts(own, fronts),
    async stop(deadlineMs) {
      let cancelSweep = (): void => {};
      const sweep = (): void => {
        server.closeIdleConnections();
        cancelSweep = timers.after(IDLE_SWEEP_MS, sweep);
      };
      const cancelDeadline = timers.after(deadlineMs, () => void fronts.terminate());
      const drained = fronts.drain();
      sweep();
      await drained;
      cancelSweep();
      cancelDeadline();
    },
  };
}

function withFronts(own: EdgeCounters, { counters }: Fronts): EdgeCounters {
  return Object.create(own, {
    requests: { get: () => ({ ...own.requests, hit: own.requests.hit + counters.sum('hits') }) },
    responseBytes: {
      get: () => ({ ...own.responseBytes, hit: own.responseBytes.hit + counters.sum('hitBytes') }),
    },
  });
}

/** Built also where this module is run from source: Node 20 cannot run TypeScript in a thread. */
function frontModule(): URL {
  const { url } = import.meta;
  return new URL(url.endsWith('.ts') ? '../../dist/workers/front-main.js' : './front-main.js', url);
}
