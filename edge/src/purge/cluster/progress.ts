import { z } from 'zod';
import { INSTANCE, parseJson } from '../../cluster/beat.js';

/** How far an edge has come with the log of purges, as it tells the others. */
export interface Progress {
  readonly name: string;
  readonly instance: string;
  readonly epoch: string;
  /** All up to this one are carried out. */
  readonly sequence: number;
  /** What it had carried out before it began to answer requests. */
  readonly servesFrom: number;
}

const sequence = z.number().int().nonnegative();
const progressSchema = z.object({
  ...{ name: z.string().min(1).max(64), instance: z.string().regex(INSTANCE) },
  ...{ epoch: z.string().min(1).max(128), sequence, servesFrom: sequence },
});

export function encodeProgress(progress: Progress): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(progress));
}

export function decodeProgress(data: Uint8Array): Progress | undefined {
  const parsed = progressSchema.safeParse(parseJson(data));
  return parsed.success ? parsed.data : undefined;
}

/** What each edge has said last, by its name. */
export class ProgressBoard {
  readonly #byName = new Map<string, Progress>();

  /** True where it is news. */
  note(progress: Progress): boolean {
    const before = this.#byName.get(progress.name);
    const isNews =
      before === undefined ||
      before.instance !== progress.instance ||
      before.epoch !== progress.epoch ||
      before.sequence < progress.sequence ||
      before.servesFrom !== progress.servesFrom;
    if (isNews) this.#byName.set(progress.name, progress);
    return isNews;
  }

  hasApplied(name: string, epoch: string, sequence: number): boolean {
    const progress = this.#byName.get(name);
    return progress !== undefined && progress.epoch === epoch && progress.sequence >= sequence;
  }

  /** Runs of edges that have carried this one out. */
  instancesPast(epoch: string, sequence: number): string[] {
    return [...this.#byName.values()]
      .filter((progress) => progress.epoch === epoch && progress.sequence >= sequence)
      .map(({ instance }) => instance);
  }

  /** Only those that are there are remembered. */
  keepOnly(names: ReadonlySet<string>): void {
    for (const name of this.#byName.keys()) if (!names.has(name)) this.#byName.delete(name);
  }
}
