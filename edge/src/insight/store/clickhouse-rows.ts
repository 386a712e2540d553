import { MEASURES } from '../measures/measures.js';
import { CUBE_NUMBERS, GRAIN_NUMBERS, MARK_CUBE, MARK_GRAINS } from './clickhouse-schema.js';
import { type CommitGroup, CUBE_DIMENSIONS, GRAIN_MINUTES, GRAINS } from './insight-store.js';
import { column, streamId } from './sql.js';

export type FactsRow = Readonly<Record<string, string | number>>;

/** A group as rows of `facts`: at every grain, so that nothing has to be summed up later; and its marks. */
export function factsRows({ minute, rows, batches, sessions }: CommitGroup): FactsRow[] {
  const given: FactsRow[] = [];
  for (const { cube, keys, sums } of rows) {
    const fields: Record<string, string | number> = { cube: CUBE_NUMBERS[cube] };
    for (const dimension of CUBE_DIMENSIONS[cube]) {
      const key = keys[dimension] ?? '';
      fields[dimension] = dimension === 'stream' ? streamId(key) : key;
    }
    for (const measure of MEASURES) {
      const sum = Math.round(sums[measure] ?? 0);
      if (sum !== 0) fields[column(measure)] = sum;
    }
    for (const grain of GRAINS) {
      const t = minute - (minute % GRAIN_MINUTES[grain]);
      given.push({ ...fields, grain: GRAIN_NUMBERS[grain], t });
    }
  }
  const mark = (grain: number, id: string): FactsRow => ({
    // A row of nothing but zeros would be merged away.
    ...{ cube: MARK_CUBE, grain, t: minute, id: decimal(id), beacons: 1 },
  });
  for (const id of batches) given.push(mark(MARK_GRAINS.batches, id));
  for (const id of sessions) given.push(mark(MARK_GRAINS.sessions, id));
  return given;
}

/** Marks are 16 hexadecimal digits, and kept as a number of 64 bits. */
export function decimal(id: string): string {
  return BigInt(`0x${id}`).toString();
}

export function hexadecimal(id: string): string {
  return BigInt(id).toString(16).padStart(16, '0');
}
