import { z } from 'zod';
import { InsightError } from '../errors.js';
import { MEASURES, sumsSchema, Tally } from '../measures/measures.js';
import { type CommitGroup, CUBE_DIMENSIONS, type FactRow, type Mark, PLAYER_CUBES } from './insight-store.js';

const text = z.string();

/** A group as the journal keeps it. */
const groupSchema: z.ZodType<CommitGroup, unknown> = z.object({
  minute: z.int(),
  rows: z.array(
    z
      .object({ cube: z.enum(PLAYER_CUBES), keys: z.record(text, text), sums: sumsSchema(MEASURES) })
      .transform(({ sums, ...row }) => ({ ...row, tally: Tally.of(sums) })),
  ),
  batches: z.array(text),
  sessions: z.array(text),
});

/** Groups that are committed and not in the database yet, summed up by minute. */
export class PendingRows {
  readonly #minutes = new Map<number, Map<string, FactRow>>();
  readonly batches: Mark[] = [];
  readonly sessions: Mark[] = [];
  #rows = 0;

  /** How many rows the database will get, of marks as well. */
  get size(): number {
    return this.#rows + this.batches.length + this.sessions.length;
  }

  add({ minute, rows, batches, sessions }: CommitGroup): void {
    for (const id of batches) this.batches.push({ minute, id });
    for (const id of sessions) this.sessions.push({ minute, id });
    const known = this.#minutes.get(minute) ?? new Map<string, FactRow>();
    this.#minutes.set(minute, known);
    for (const { cube, keys, tally } of rows) {
      let name: string = cube;
      for (const dimension of CUBE_DIMENSIONS[cube]) name += `\n${keys[dimension] ?? ''}`;
      let row = known.get(name);
      if (row === undefined) {
        row = { cube, keys, tally: new Tally() };
        known.set(name, row);
        this.#rows++;
      }
      row.tally.addAll(tally);
    }
  }

  merge(other: PendingRows): void {
    for (const mark of other.batches) this.batches.push(mark);
    for (const mark of other.sessions) this.sessions.push(mark);
    for (const { minute, rows } of other.byMinute()) this.add({ minute, rows, batches: [], sessions: [] });
  }

  streams(): Set<string> {
    const names = new Set<string>();
    for (const rows of this.#minutes.values()) {
      for (const { keys } of rows.values()) if (keys.stream !== undefined) names.add(keys.stream);
    }
    return names;
  }

  byMinute(): { readonly minute: number; readonly rows: readonly FactRow[] }[] {
    return [...this.#minutes].map(([minute, rows]) => ({ minute, rows: [...rows.values()] }));
  }
}

/** The text of a record. Its sums are what takes time: they are written by hand. */
export function groupText({ rows, ...group }: CommitGroup): string {
  const texts = rows.map(
    ({ cube, keys, tally }) => `{"cube":"${cube}","keys":${JSON.stringify(keys)},"sums":${tally.json}}`,
  );
  return `${JSON.stringify(group).slice(0, -1)},"rows":[${texts.join(',')}]}`;
}

/** @throws InsightError `store-unreadable` */
export function readGroup(text: string, file: string): CommitGroup {
  const read = groupSchema.safeParse(JSON.parse(text));
  if (read.success) return read.data;
  const advice = 'run the edge that wrote it, or move it away and lose what it holds';
  throw new InsightError('store-unreadable', `${file}.journal is of another version: ${advice}.`);
}
