import { type OpenLoopResult, runOpenLoop } from '../load/open-loop/run-open-loop.js';
import { viewerPrefixes } from './viewers.js';
import { adRequest, PREFIX, REQUESTS_A_VIEWER } from './work.js';

export interface AdLoadPlan {
  readonly port: number;
  readonly perSecond: number;
  /** Seconds that count, after those that do not. */
  readonly seconds: number;
  readonly warmUpSeconds: number;
  readonly connections: number;
  /** Keeps misses and viewers of runs apart. */
  readonly run: string;
  /** Signs the viewers' tokens; without it requests have none. */
  readonly privateKey?: string;
}

/** Viewers of ads as an open loop; each comes with a token of his own, whose signature the edge has to check once. */
export async function runAdLoad(plan: AdLoadPlan, onReady: () => void = () => {}): Promise<OpenLoopResult> {
  const { port, perSecond, seconds, warmUpSeconds, connections, run, privateKey } = plan;
  const total = Math.ceil(perSecond * (seconds + warmUpSeconds));
  const prefixes =
    privateKey === undefined
      ? ['']
      : viewerPrefixes(privateKey, {
          ...{ count: Math.ceil(total / REQUESTS_A_VIEWER), run, prefix: PREFIX },
          nowMs: Date.now(),
        });
  const objects = Array.from({ length: total }, (_, index) => {
    const { path, bytes } = adRequest(index, run);
    return { path: `${prefixes[Math.floor(index / REQUESTS_A_VIEWER) % prefixes.length]}${path}`, bytes };
  });
  onReady();
  return await runOpenLoop({ port, objects, perSecond, seconds, warmUpSeconds, connections });
}
