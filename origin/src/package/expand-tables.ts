import { OriginError } from '../errors.js';
import { at, emptyTable, type SampleTable } from './sample-table.js';

/** The sample tables of a `stbl`, run-length coded as ISO/IEC 14496-12 section 8.6 and 8.7 have them. */
export interface CodedTables {
  readonly sizes: readonly number[];
  readonly timeCounts: readonly number[];
  readonly timeDeltas: readonly number[];
  /** Empty: presentation is decode order. */
  readonly compositionCounts: readonly number[];
  readonly compositionOffsets: readonly number[];
  readonly firstChunks: readonly number[];
  readonly samplesPerChunk: readonly number[];
  readonly chunkOffsets: readonly number[];
  /** From 1. Undefined: every sample is one. */
  readonly syncNumbers: readonly number[] | undefined;
}

/** @throws OriginError `bad-box` when the tables contradict each other. */
export function expandTables(coded: CodedTables): SampleTable {
  const count = coded.sizes.length;
  const table = emptyTable(count);
  table.sizes.set(coded.sizes);
  expandTimes(coded, table);
  expandCompositions(coded, table);
  expandOffsets(coded, table);
  if (coded.syncNumbers === undefined) table.sync.fill(1);
  else for (const number of coded.syncNumbers) table.sync[number - 1] = 1;
  return table;
}

function expandTimes({ timeCounts, timeDeltas }: CodedTables, table: SampleTable): void {
  let sample = 0;
  let time = 0;
  for (const [run, runCount] of timeCounts.entries()) {
    const delta = timeDeltas[run] ?? 0;
    for (let left = runCount; left > 0 && sample < table.count; left--, sample++) {
      table.decodeTimes[sample] = time;
      table.durations[sample] = delta;
      time += delta;
    }
  }
  if (sample < table.count) throw contradiction('time');
}

function expandCompositions(
  { compositionCounts, compositionOffsets }: CodedTables,
  table: SampleTable,
): void {
  let sample = 0;
  for (const [run, runCount] of compositionCounts.entries()) {
    const offset = (compositionOffsets[run] ?? 0) | 0;
    for (let left = runCount; left > 0 && sample < table.count; left--, sample++)
      table.compositions[sample] = offset;
  }
}

function expandOffsets(
  { firstChunks, samplesPerChunk, chunkOffsets }: CodedTables,
  table: SampleTable,
): void {
  let sample = 0;
  let run = 0;
  for (let chunk = 0; chunk < chunkOffsets.length && sample < table.count; chunk++) {
    while (run + 1 < firstChunks.length && (firstChunks[run + 1] ?? 0) <= chunk + 1) run++;
    let position = chunkOffsets[chunk] ?? 0;
    for (let left = samplesPerChunk[run] ?? 0; left > 0 && sample < table.count; left--, sample++) {
      table.offsets[sample] = position;
      position += at(table.sizes, sample);
    }
  }
  if (sample < table.count) throw contradiction('chunk');
}

function contradiction(which: string): OriginError {
  return new OriginError(
    'bad-box',
    `The file is damaged: its ${which} table covers fewer frames than it has. Remux it: ffmpeg -i IN -c copy OUT.mp4`,
  );
}
