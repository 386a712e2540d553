import { at, presentationTime, type SampleTable } from './sample-table.js';

/** Samples `[first, end)` in decode order, shown from `start` for `duration` (track's timescale). */
export interface Cut {
  readonly first: number;
  readonly end: number;
  readonly start: number;
  readonly duration: number;
}

/** A place where a segment may begin. `seconds` is its presentation time. */
export interface Keyframe {
  readonly sample: number;
  readonly seconds: number;
  /** No later sample is shown before it: the segment needs nothing of the one before. */
  readonly closed: boolean;
}

/** Two renditions' keyframes are the same when they are this near: timescales differ, pictures do not. */
const SAME_SECONDS = 0.002;

export function keyframesOf(samples: SampleTable, timescale: number): Keyframe[] {
  const found: Keyframe[] = [];
  let leastAfter = Number.POSITIVE_INFINITY;
  for (let sample = samples.count - 1; sample >= 0; sample--) {
    const time = presentationTime(samples, sample);
    if (at(samples.sync, sample) === 1) {
      found.push({ sample, seconds: time / timescale, closed: leastAfter > time });
    }
    leastAfter = Math.min(leastAfter, time);
  }
  return found.reverse();
}

/** Of keyframes in which some are open (pictures behind them are shown before), the closed ones if they are frequent. */
export function preferClosed(keyframes: readonly Keyframe[]): readonly Keyframe[] {
  const closed = keyframes.filter((keyframe) => keyframe.closed);
  return closed.length * 2 >= keyframes.length ? closed : keyframes;
}

/**
 * Begins a segment at the first keyframe, and then at each that is at least `target` seconds after the last begin.
 * A frame of `slackSeconds` too early still counts: 29.97 pictures a second never fall on whole seconds.
 */
export function chooseStarts(
  keyframes: readonly Keyframe[],
  target: number,
  slackSeconds: number,
): Keyframe[] {
  const starts: Keyframe[] = [];
  for (const keyframe of keyframes) {
    const last = starts[starts.length - 1];
    if (last === undefined || keyframe.seconds - last.seconds >= target - slackSeconds) starts.push(keyframe);
  }
  return starts;
}

/** Keyframes that every rendition has at the same time, as rows: one column a rendition. */
export function commonKeyframes(renditions: readonly (readonly Keyframe[])[]): Keyframe[][] {
  const [first = [], ...others] = renditions;
  const next = others.map(() => 0);
  const rows: Keyframe[][] = [];
  for (const keyframe of first) {
    const row = [keyframe];
    for (const [column, other] of others.entries()) {
      let index = next[column] ?? 0;
      while ((other[index]?.seconds ?? Number.POSITIVE_INFINITY) < keyframe.seconds - SAME_SECONDS) index++;
      next[column] = index;
      const candidate = other[index];
      if (candidate !== undefined && Math.abs(candidate.seconds - keyframe.seconds) <= SAME_SECONDS)
        row.push(candidate);
    }
    if (row.length === renditions.length) rows.push(row);
  }
  return rows;
}

export interface Starts {
  /** One list a rendition. */
  readonly renditions: readonly (readonly Keyframe[])[];
  /** Every segment begins at the same time in all renditions. */
  readonly aligned: boolean;
}

/**
 * Where segments begin in each rendition: at common keyframes, unless these are so rare that segments would become
 * half as long again as the longest without aligning; then each rendition for itself.
 */
export function planStarts(
  renditions: readonly (readonly Keyframe[])[],
  target: number,
  slackSeconds: number,
): Starts {
  const own = renditions.map((keyframes) => chooseStarts(preferClosed(keyframes), target, slackSeconds));
  const rows = commonKeyframes(renditions.map(preferClosed));
  const chosen = new Set(
    chooseStarts(
      rows.map(([first]) => first).filter((k) => k !== undefined),
      target,
      slackSeconds,
    ),
  );
  const aligned = rows.filter(([first]) => first !== undefined && chosen.has(first));
  const longestOwn = Math.max(...own.map((starts) => longestGap(starts, renditions)));
  const longestAligned = longestGap(
    aligned.map(([first]) => first).filter((k) => k !== undefined),
    renditions,
  );
  if (aligned.length === 0 || longestAligned > longestOwn * 1.5) return { renditions: own, aligned: false };
  return {
    renditions: renditions.map((_, column) =>
      aligned.map((row) => row[column]).filter((k) => k !== undefined),
    ),
    aligned: true,
  };
}

function longestGap(starts: readonly Keyframe[], renditions: readonly (readonly Keyframe[])[]): number {
  const end = Math.max(0, ...renditions.map((keyframes) => keyframes[keyframes.length - 1]?.seconds ?? 0));
  let longest = 0;
  for (const [index, start] of starts.entries()) {
    longest = Math.max(longest, (starts[index + 1]?.seconds ?? end) - start.seconds);
  }
  return longest;
}

/** When the last sample's picture or sound ends. */
export function presentationEnd(samples: SampleTable): number {
  let end = 0;
  for (let sample = 0; sample < samples.count; sample++) {
    end = Math.max(end, presentationTime(samples, sample) + at(samples.durations, sample));
  }
  return end;
}

export function videoCuts(samples: SampleTable, starts: readonly Keyframe[]): Cut[] {
  return cutsAt(
    samples,
    starts.map((keyframe) => keyframe.sample),
  );
}

/**
 * Sound is cut at the first frame at or after each begin of a video segment, so that both have the same sequence
 * numbers; sound that goes on after the picture is cut every `target` seconds.
 */
export function audioCuts(
  samples: SampleTable,
  timescale: number,
  videoStarts: readonly number[],
  target: number,
): Cut[] {
  const end = presentationEnd(samples) / timescale;
  const begins = [...videoStarts];
  for (let last = begins[begins.length - 1] ?? 0; end - last > 2 * target; ) {
    last += target;
    // The last video segment may itself be longer than `target`; sound then has one more boundary in it.
    begins.push(last);
  }
  const firsts: number[] = [];
  let sample = 0;
  for (const begin of begins) {
    const time = Math.ceil(begin * timescale - 1e-3 * timescale * SAME_SECONDS);
    if (firsts.length > 0)
      while (sample < samples.count && presentationTime(samples, sample) < time) sample++;
    if (sample < samples.count && firsts[firsts.length - 1] !== sample) firsts.push(sample);
  }
  return cutsAt(samples, firsts);
}

function cutsAt(samples: SampleTable, firsts: readonly number[]): Cut[] {
  const end = presentationEnd(samples);
  return firsts.map((first, index) => {
    const next = firsts[index + 1];
    const start = Math.max(0, presentationTime(samples, first));
    const stop = next === undefined ? end : presentationTime(samples, next);
    return { first, end: next ?? samples.count, start, duration: stop - start };
  });
}
