import type { Timers } from '../../components.js';
import { carryOut, type PurgeOrder } from '../order.js';
import type { Purge, PurgeReport } from '../purge.js';
import type { PurgeSpread } from '../spread.js';

/** Where edges without a bus take purges from each other, on the admin listener. */
export const CLUSTER_PURGE_PATH = '/cluster/purge';

export interface FanOutComponents {
  readonly purge: Purge;
  readonly timers: Timers;
  /** Default: the global one. */
  readonly fetch?: typeof fetch;
}

export interface FanOutOptions {
  readonly role: 'edge' | 'shield';
  /** Base URLs of admin listeners. */
  readonly edges: readonly string[];
  readonly shields: readonly string[];
  readonly secret: string;
}

const TRIES = 3;
const TRY_MS = 4_000;
const BETWEEN_MS = 250;

/**
 * Purges for edges without a bus: each is asked by HTTP, all shields before all edges. Edges are asked twice, since one
 * may have fetched from a sibling what that one was still to purge.
 */
export function fanOut(components: FanOutComponents, options: FanOutOptions): PurgeSpread {
  const { purge, timers, fetch: send = fetch } = components;
  const { role, edges, shields, secret } = options;

  async function tryOnce(url: string, body: string): Promise<string | undefined> {
    try {
      const response = await send(url + CLUSTER_PURGE_PATH, {
        ...{ method: 'POST', body, signal: AbortSignal.timeout(TRY_MS) },
        headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${secret}` },
      });
      await response.arrayBuffer();
      return response.ok ? undefined : `answered ${response.status}`;
    } catch (error) {
      const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
      return cause instanceof Error ? cause.message : String(cause);
    }
  }

  /** Undefined: it has carried it out. */
  async function ask(url: string, body: string): Promise<string | undefined> {
    for (let tries = 1; ; tries++) {
      const problem = await tryOnce(url, body);
      if (problem === undefined || tries === TRIES) return problem;
      await new Promise<void>((resolve) => void timers.after(BETWEEN_MS * 2 ** (tries - 1), resolve));
    }
  }

  return {
    caughtUp: async () => {},
    async send(order: PurgeOrder) {
      const body = JSON.stringify(order);
      const problems = new Map<string, string>();
      const round = async (urls: readonly string[], here: boolean): Promise<PurgeReport | undefined> => {
        const asked = urls.map(async (url) => {
          const problem = await ask(url, body);
          if (problem !== undefined) problems.set(url, problem);
        });
        const [report] = await Promise.all([here ? carryOut(purge, order) : undefined, ...asked]);
        return report;
      };
      const first = await round(shields, role === 'shield');
      const notWaitedFor = [...problems.keys()];
      const second = await round(edges, role === 'edge');
      const answering = edges.filter((url) => !problems.has(url));
      if (answering.length > 0) await round(answering, role === 'edge');
      const all = [...shields, ...edges];
      const missing = all.filter((url) => problems.has(url));
      return {
        local: first ?? second ?? { objects: 0, fills: 0, keys: [] },
        others: {
          applied: all.filter((url) => !problems.has(url)),
          missing,
          shieldsNotWaitedFor: notWaitedFor,
          isDurable: false,
          problem:
            missing.length === 0
              ? undefined
              : missing.map((url) => `${url}: ${problems.get(url) ?? ''}`).join('; '),
        },
      };
    },
    close: async () => {},
  };
}
