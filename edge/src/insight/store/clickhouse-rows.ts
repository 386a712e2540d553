import { EDGE_COUNTERS } from '../measures/edge-counters.js';
import { MEASURES } from '../measures/measures.js';
import { CUBE_NUMBERS, GRAIN_NUMBERS, MARK_CUBE, MARK_GRAIN, MARK_GRAINS } from './clickhouse-schema.js';
import {
  type CommitGroup,
  CUBE_DIMENSIONS,
  type EdgeMinute,
  GRAIN_MINUTES,
  GRAINS,
} from './insight-store.js';
import { column, streamId } from './sql.js';

export type FactsRow = Readonly<Record<string, string | number>>;

/** A group as rows of `facts`: at every grain, so that nothing has to be summed up later; and its marks. */
export function factsRows({ minute, rows, batches, sessions }: CommitGroup): FactsRow[] {
  const given: FactsRow[] = [];
  for (const { cube, keys, tally } of rows) {
    const fields: Record<string, string | number> = { cube: CUBE_NUMBERS[cube] };
    for (const dimension of CUBE_DIMENSIONS[cube]) {
      const key = keys[dimension] ?? '';
      fields[dimension] = dimension === 'stream' ? streamId(key) : key;
    }
    for (const measure of MEASURES) {
      const sum = Math.round(tally.of(measure));
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

/** What an edge counted as rows of `edge_facts`, likewise at every grain and with its mark. */
export function edgeRows({ id, minute, edge, pop, sums }: EdgeMinute): FactsRow[] {
  const fields: Record<string, string | number> = { edge, pop };
  for (const counter of EDGE_COUNTERS) {
    const sum = Math.round(sums[counter] ?? 0);
    if (sum !== 0) fields[column(counter)] = sum;
  }
  return [
    ...GRAINS.map((grain) => ({
      ...fields,
      grain: GRAIN_NUMBERS[grain],
      t: minute - (minute % GRAIN_MINUTES[grain]),
    })),
    { grain: MARK_GRAIN, t: minute, id: decimal(id), requests: 1 },
  ];
}

/** Marks are 16 hexadecimal digits, and kept as a number of 64 bits. */
export function decimal(id: string): string {
  return BigInt(`0x${id}`).toString();
}

export function hexadecimal(id: string): string {
  return BigInt(id).toString(16).padStart(16, '0');
}
