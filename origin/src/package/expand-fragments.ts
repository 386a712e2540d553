import { OriginError } from '../errors.js';
import { emptyTable, type SampleTable } from './sample-table.js';

/** One `trun` with its defaults filled in. */
export interface Run {
  /** Where its first sample lies in the file. Undefined: right behind the run before. */
  readonly position: number | undefined;
  readonly count: number;
  readonly sizes: readonly number[] | number;
  readonly durations: readonly number[] | number;
  readonly flags: readonly number[] | number;
  readonly firstFlags: number | undefined;
  readonly compositions: readonly number[];
}

/** One `traf` of the track. `decodeTime` undefined: right after the fragment before. */
export interface Fragment {
  readonly decodeTime: number | undefined;
  /** Where samples lie when no run says it. */
  readonly base: number;
  readonly runs: readonly Run[];
}

const NOT_SYNC = 0x10000;

/**
 * Appends fragments to what the moov had. A frame lasts until the next one's decode time, so that gaps between
 * fragments are part of the frame before.
 * @throws OriginError `bad-timing` when decode time runs backwards.
 */
export function expandFragments(before: SampleTable, fragments: readonly Fragment[]): SampleTable {
  const added = fragments.reduce((sum, { runs }) => runs.reduce((inner, run) => inner + run.count, sum), 0);
  const table = emptyTable(before.count + added);
  table.offsets.set(before.offsets);
  table.sizes.set(before.sizes);
  table.decodeTimes.set(before.decodeTimes);
  table.durations.set(before.durations);
  table.compositions.set(before.compositions);
  table.sync.set(before.sync);

  let sample = before.count;
  let time = sample === 0 ? 0 : (table.decodeTimes[sample - 1] ?? 0) + (table.durations[sample - 1] ?? 0);
  for (const fragment of fragments) {
    if (fragment.decodeTime !== undefined) {
      const previous = sample === 0 ? undefined : table.decodeTimes[sample - 1];
      if (previous !== undefined) {
        if (fragment.decodeTime < previous) throw backwards();
        table.durations[sample - 1] = fragment.decodeTime - previous;
      }
      time = fragment.decodeTime;
    }
    let position = fragment.base;
    for (const run of fragment.runs) {
      position = run.position ?? position;
      for (let index = 0; index < run.count; index++, sample++) {
        const size = pick(run.sizes, index);
        const duration = pick(run.durations, index);
        const flags = index === 0 && run.firstFlags !== undefined ? run.firstFlags : pick(run.flags, index);
        table.offsets[sample] = position;
        table.sizes[sample] = size;
        table.decodeTimes[sample] = time;
        table.durations[sample] = duration;
        table.compositions[sample] = run.compositions[index] ?? 0;
        table.sync[sample] = flags & NOT_SYNC ? 0 : 1;
        position += size;
        time += duration;
      }
    }
  }
  return table;
}

function pick(values: readonly number[] | number, index: number): number {
  return typeof values === 'number' ? values : (values[index] ?? 0);
}

function backwards(): OriginError {
  return new OriginError(
    'bad-timing',
    "The file's fragments run back in time. Remux it: ffmpeg -i IN -c copy OUT.mp4",
  );
}
