import { describeError, OriginError } from '../errors.js';
import type { FileSource } from '../package/file-source.js';
import { planPresentation } from '../package/presentation.js';
import { checkName, nameFromFile } from '../package/presentation-name.js';
import { MASTER } from '../package/publication.js';
import { checkSegmentSeconds, probeAll } from '../package/publish.js';
import type { ObjectStore } from '../storage/object-store.js';
import { type Clock, systemClock } from './clock.js';
import { LiveRun } from './live-run.js';
import { planLoop } from './loop.js';
import { type EarlierRun, planStart, readEarlierRun } from './resume.js';

export interface LiveComponents {
  readonly store: ObjectStore;
  /** Default: the system's. */
  readonly clock?: Clock;
  readonly onEvent?: (event: LiveEvent) => void;
}

export type LiveEvent =
  | { readonly type: 'started'; readonly key: string; readonly renditions: readonly string[] }
  | { readonly type: 'segment'; readonly sequence: number; readonly bytes: number; readonly lateMs: number }
  | { readonly type: 'store-error'; readonly message: string; readonly retryMs: number }
  | { readonly type: 'store-recovered' }
  | { readonly type: 'ended'; readonly segments: number };

export interface LiveOptions {
  /** MP4 files: renditions of one video. */
  readonly inputs: readonly string[];
  /** Default: the first input's file name without its extension. */
  readonly name?: string;
  /** A segment ends at the first keyframe at or after this. Default 2. */
  readonly segmentSeconds?: number;
  /** Segments in the playlists. Default 8. */
  readonly window?: number;
  /** Ends the stream: playlists get their end tag, and `live` resolves. */
  readonly signal: AbortSignal;
}

const DEFAULT_SEGMENT_SECONDS = 2;
const DEFAULT_WINDOW = 8;
/** Segments that are there from the start, dated before it: what players buffer before they begin. */
const PREFILL_SEGMENTS = 3;
/** Zero of players' time line, so that a stream that starts again is later than the one before. 2025-01-01. */
const TIMELINE_ZERO_MS = 1_735_689_600_000;

/**
 * Plays files out as an endless live stream in real time, until `signal` aborts. Store errors are reported and
 * retried; time that was lost is made up.
 *
 * @throws OriginError for bad input, before anything is stored.
 */
export async function live(components: LiveComponents, options: LiveOptions): Promise<void> {
  const { store, clock = systemClock, onEvent = () => {} } = components;
  const sources: FileSource[] = [];
  try {
    const segmentSeconds = checkSegmentSeconds(options.segmentSeconds ?? DEFAULT_SEGMENT_SECONDS);
    const name = checkName(options.name ?? nameFromFile(options.inputs[0] ?? ''));
    const presentation = planPresentation(await probeAll(options.inputs, sources), segmentSeconds);
    const tracks = [
      ...presentation.videos,
      ...(presentation.audio === undefined ? [] : [presentation.audio]),
    ];
    const unplaced = planLoop(presentation, 0);
    const earlier = await earlierRuns(
      store,
      name,
      tracks.map(({ label }) => label),
    );
    const start = planStart(clock.now(), unplaced.startOf(PREFILL_SEGMENTS) * 1000, earlier);
    const run = new LiveRun({
      store,
      name,
      start,
      window: options.window ?? DEFAULT_WINDOW,
      presentation,
      tracks,
      loop: planLoop(presentation, (start.startMs - TIMELINE_ZERO_MS) / 1000),
    });
    // A store that fails before anything is on air is set up wrongly: that is for the user to know at once.
    await run.begin();
    const retrying = retry(clock, options.signal, onEvent);
    for (let n = 0; !options.signal.aborted; n++) {
      const dueMs = start.startMs + unplaced.startOf(n + 1) * 1000;
      const waitMs = dueMs - clock.now();
      if (waitMs > 0) await clock.sleep(waitMs, options.signal);
      if (options.signal.aborted) break;
      const bytes = await (n === 0 ? run.publishSegment(n) : retrying(() => run.publishSegment(n)));
      if (bytes === undefined) break;
      onEvent({
        type: 'segment',
        sequence: start.firstSequence + n,
        bytes,
        lateMs: n < PREFILL_SEGMENTS ? 0 : Math.max(0, clock.now() - dueMs),
      });
      if (n === PREFILL_SEGMENTS - 1)
        onEvent({ type: 'started', key: `${name}/${MASTER}`, renditions: tracks.map(({ label }) => label) });
    }
    await run.end();
    onEvent({ type: 'ended', segments: run.published });
  } finally {
    await Promise.all(sources.map((source) => source.close()));
  }
}

/** Repeats what the store refused, with growing pauses, until it works or the signal aborts (undefined then). */
function retry(clock: Clock, signal: AbortSignal, onEvent: (event: LiveEvent) => void) {
  return async <Result>(action: () => Promise<Result>): Promise<Result | undefined> => {
    for (let retryMs = 500; ; retryMs = Math.min(retryMs * 2, 8000)) {
      try {
        const result = await action();
        if (retryMs > 500) onEvent({ type: 'store-recovered' });
        return result;
      } catch (error) {
        if (!(error instanceof OriginError && error.code === 'storage')) throw error;
        if (signal.aborted) return undefined;
        onEvent({ type: 'store-error', message: describeError(error), retryMs });
        await clock.sleep(retryMs, signal);
        if (signal.aborted) return undefined;
      }
    }
  };
}

async function earlierRuns(
  store: ObjectStore,
  name: string,
  labels: readonly string[],
): Promise<EarlierRun[]> {
  const runs: EarlierRun[] = [];
  for (const label of labels) {
    const key = `${name}/${label}/index.m3u8`;
    if ((await store.head(key)) === undefined) continue;
    const run = readEarlierRun((await store.get(key)).body.toString('utf8'));
    if (run !== undefined) runs.push(run);
  }
  return runs;
}
