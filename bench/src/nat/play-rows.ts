import { BenchError } from '../errors.js';
import { runForked } from '../process/forked.js';
import { namespaced } from '../system/netns.js';
import type { NatRowResult } from './result.js';
import type { NatPlan } from './watch-rows.js';

/** All that may take: ten rows, two at once, each as long as it may. */
const MOST_SECONDS = 600;

export interface PlayRowsOptions {
  readonly onMessage?: (message: unknown) => void;
  readonly signal?: AbortSignal;
  /** The compiled client. Default: beside this file. */
  readonly client?: URL;
}

/**
 * Plays rows in a network namespace of their own. Throws {@link BenchError} `cannot-measure` where this machine
 * allows none.
 */
export async function playRows(plan: NatPlan, options: PlayRowsOptions = {}): Promise<NatRowResult[]> {
  const { signal = new AbortController().signal, onMessage } = options;
  const { client = new URL('./nat-client.js', import.meta.url) } = options;
  const within = await namespaced({ command: process.execPath, args: [] });
  if (within === undefined)
    throw new BenchError('cannot-measure', 'this machine lets nobody make network namespaces');
  return await runForked<NatRowResult[]>(client, plan, {
    ...{ signal, within, killSignal: 'SIGTERM', timeoutMs: MOST_SECONDS * 1000 },
    ...(onMessage === undefined ? {} : { onMessage }),
  });
}
