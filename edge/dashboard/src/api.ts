import type { RangeName, Streams, Summary, Timeline } from '../../src/insight/queries/figures.js';

export type { RangeName, Streams, Summary, Timeline };

/** One look at everything, from one moment. */
export interface View {
  readonly summary: Summary;
  readonly timeline: Timeline;
  readonly streams: Streams;
}

const TIMEOUT_MS = 8000;

/** @throws Error whose message can be shown. */
export async function fetchView(range: RangeName, abort: AbortSignal): Promise<View> {
  const signal = AbortSignal.any([abort, AbortSignal.timeout(TIMEOUT_MS)]);
  const [summary, timeline, streams] = await Promise.all([
    ask(`summary?range=${range}`, signal),
    ask(`timeline?range=${range}`, signal),
    ask(`streams?range=${range}`, signal),
  ]);
  if (!isSummary(summary) || !isTimeline(timeline) || !isStreams(streams)) {
    throw new Error('The edge answers in another version: reload this page.');
  }
  return { summary, timeline, streams };
}

async function ask(query: string, signal: AbortSignal): Promise<unknown> {
  let answer: Response;
  try {
    answer = await fetch(`/api/${query}`, { signal });
  } catch {
    throw new Error('The edge does not answer.');
  }
  if (!answer.ok) throw new Error(`The edge cannot read its figures now (status ${answer.status}).`);
  return answer.json();
}

function has<Key extends string>(value: unknown, ...keys: readonly Key[]): value is Record<Key, unknown> {
  return typeof value === 'object' && value !== null && keys.every((key) => key in value);
}

function isSummary(value: unknown): value is Summary {
  return has(value, 'range', 'nowMs', 'live', 'total', 'arms') && has(value.total, 'offload', 'edgeBytes');
}

function isTimeline(value: unknown): value is Timeline {
  return has(value, 'range', 'stepSeconds', 'points') && Array.isArray(value.points);
}

function isStreams(value: unknown): value is Streams {
  return has(value, 'range', 'streams') && Array.isArray(value.streams);
}
