import { Cleanup } from '../process/cleanup.js';
import { runForked } from '../process/forked.js';
import type { EdgeProcess } from '../system/edge-process.js';
import type { Home } from './homes.js';
import { type Place, type Stream, startPlace } from './place.js';
import type { NatRowResult, NatViewerResult } from './result.js';
import type { NatRow } from './rows.js';
import type { NatViewerPlan } from './viewer-client.js';
import { watchPages } from './watch-pages.js';

const VIEWER = new URL('./viewer-client.js', import.meta.url);
/** Passed on between the two until a row is decided. */
const SHARED_BYTES = 500_000;
const MOST_SECONDS = 45;
/** Starting and stopping of a viewer on a busy machine. */
const SPARE_SECONDS = 45;

export interface NatPlan {
  readonly rows: readonly NatRow[];
  /** Rows that are played at the same time. */
  readonly atOnce: number;
  /** Each row goes on for at least as long. */
  readonly leastSeconds: number;
}

export interface WatchComponents {
  readonly tell: (message: unknown) => void;
  /** Aborted: everybody leaves at once, and the call throws. */
  readonly signal: AbortSignal;
}

/** Plays rows in a namespace of our own, which is the internet. Servers and viewers are children of this process. */
export async function watchRows(plan: NatPlan, components: WatchComponents): Promise<NatRowResult[]> {
  const { tell, signal } = components;
  const cleanup = new Cleanup();
  try {
    const place = await startPlace(plan.rows, cleanup, signal);
    const results: NatRowResult[] = [];
    const waiting = [...plan.rows.entries()];
    const next = async (): Promise<void> => {
      for (let one = waiting.shift(); one !== undefined; one = waiting.shift()) {
        const [index, row] = one;
        signal.throwIfAborted();
        results[index] = await watchRow(row, index, { place, plan, signal });
        tell(`${row.name}: played`);
      }
    };
    await Promise.all(Array.from({ length: plan.atOnce }, next));
    return results;
  } finally {
    await cleanup.run();
  }
}

interface RowComponents {
  readonly place: Place;
  readonly plan: NatPlan;
  readonly signal: AbortSignal;
}

async function watchRow(row: NatRow, index: number, components: RowComponents): Promise<NatRowResult> {
  const { place } = components;
  const stream = await place.streamOf(row, index);
  const homes: Home[] = [];
  for (const kind of row.homes) homes.push(await place.internet.addHome(kind));
  const { edge, path, published } = stream;
  const viewers =
    row.pages === true
      ? await watchPages({ homes, edgeUrl: edge.url, path, published })
      : await watchInNode(row, homes, stream, components);
  const sums = await Promise.all(viewers.map(({ self = '' }) => place.turn.relayed(self)));
  return {
    ...{ row, viewers },
    addresses: homes.map(({ privateAddress, publicAddress }) => [privateAddress, publicAddress]),
    figures: await figuresOf(edge, path),
    turnServerBytes: sums.reduce((sum, bytes) => sum + bytes, 0),
  };
}

async function watchInNode(
  row: NatRow,
  homes: readonly Home[],
  { edge, path }: Stream,
  { plan, signal }: RowComponents,
): Promise<NatViewerResult[]> {
  const watching = homes.map(({ viewer }, index) => {
    const viewerPlan: NatViewerPlan = {
      ...{ name: `${row.name} ${index}`, edgeUrl: edge.url, path },
      relayOnly: row.relayOnly?.[index] ?? false,
      ...{ leastSeconds: plan.leastSeconds, sharedBytes: SHARED_BYTES, mostSeconds: MOST_SECONDS },
    };
    return runForked<NatViewerResult>(VIEWER, viewerPlan, {
      signal,
      timeoutMs: (MOST_SECONDS + SPARE_SECONDS) * 1000,
      within: viewer.line({ command: process.execPath, args: [] }),
    });
  });
  return await Promise.all(watching);
}

async function figuresOf({ insightUrl }: EdgeProcess, stream: string): Promise<NatRowResult['figures']> {
  const ask = async (question: string): Promise<unknown> =>
    (await fetch(`${insightUrl}/api/${question}?range=15m&stream=${encodeURIComponent(stream)}`)).json();
  const [savings, summary] = await Promise.all([ask('savings'), ask('summary')]);
  return {
    turnBytes: (savings as { egress: { turnBytes: number } }).egress.turnBytes,
    peerBytes: (summary as { total: { peerBytes: number } }).total.peerBytes,
  };
}
