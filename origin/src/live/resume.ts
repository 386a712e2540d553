/** Where an earlier run under the same name stopped. */
export interface EarlierRun {
  /** First sequence number it did not use. */
  readonly nextSequence: number;
  readonly discontinuitySequence: number;
  /** When its last segment ends, ms since 1970; undefined when its playlist has no dates. */
  readonly endMs: number | undefined;
}

/** Reads a live media playlist that an earlier run left. Undefined when it is none. */
export function readEarlierRun(playlist: string): EarlierRun | undefined {
  const lines = playlist.split(/\r?\n/);
  if (lines[0] !== '#EXTM3U') return undefined;
  let sequence = 0;
  let discontinuitySequence = 0;
  let segments = 0;
  let timeMs: number | undefined;
  for (const line of lines) {
    const [, tag = '', value = ''] = /^#(EXT[A-Z0-9-]*):(.*)$/.exec(line) ?? [];
    if (tag === 'EXT-X-MEDIA-SEQUENCE') sequence = count(value);
    if (tag === 'EXT-X-DISCONTINUITY-SEQUENCE') discontinuitySequence = count(value);
    if (tag === 'EXT-X-PROGRAM-DATE-TIME') timeMs = Date.parse(value);
    if (tag === 'EXTINF') {
      segments += 1;
      if (timeMs !== undefined) timeMs += Number.parseFloat(value) * 1000;
    }
  }
  const endMs = timeMs !== undefined && Number.isFinite(timeMs) ? timeMs : undefined;
  return { nextSequence: sequence + segments, discontinuitySequence, endMs };
}

function count(text: string): number {
  const value = Number.parseInt(text, 10);
  return Number.isSafeInteger(value) && value >= 0 ? value : 0;
}

export interface RunStart {
  readonly firstSequence: number;
  readonly discontinuitySequence: number;
  /** Wall-clock time of the first segment's begin. */
  readonly startMs: number;
}

/**
 * Where a new run begins. Sequence numbers are the time of the start in seconds: also when the earlier playlist was
 * lost, no number comes twice, as long as segments are no shorter than a second; an earlier run that got ahead of the
 * clock is continued. `prefillMs` of media is dated before now, so that players can start at once.
 */
export function planStart(nowMs: number, prefillMs: number, earlier: readonly EarlierRun[]): RunStart {
  const startMs = Math.max(nowMs - prefillMs, ...earlier.map(({ endMs }) => Math.min(endMs ?? 0, nowMs)));
  return {
    firstSequence: Math.max(Math.floor(startMs / 1000), ...earlier.map(({ nextSequence }) => nextSequence)),
    discontinuitySequence: Math.max(0, ...earlier.map((run) => run.discontinuitySequence + 1)),
    startMs,
  };
}
