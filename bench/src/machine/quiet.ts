import type { MachineTime } from './proc.js';

export interface QuietComponents {
  readonly readTime: () => Promise<MachineTime>;
  readonly sleep: (milliseconds: number) => Promise<void>;
  /** Milliseconds that only go forward. */
  readonly now: () => number;
}

export interface QuietOptions {
  /** Cores that may be busy while the machine still counts as quiet. */
  readonly limitCores: number;
  readonly patienceMs: number;
  readonly sampleMs: number;
}

/** What is left of the time that a run may lose to other work on the machine. */
export class Patience {
  #leftMs: number;

  constructor(totalMs: number) {
    this.#leftMs = totalMs;
  }

  get leftMs(): number {
    return this.#leftMs;
  }

  spend(milliseconds: number): void {
    this.#leftMs = Math.max(0, this.#leftMs - milliseconds);
  }
}

/** Waits until the machine is quiet or patience ends; says which of the two it was. */
export async function waitForQuiet(
  { readTime, sleep, now }: QuietComponents,
  { limitCores, patienceMs, sampleMs }: QuietOptions,
): Promise<'quiet' | 'busy'> {
  const start = now();
  let [then, before] = [start, await readTime()];
  for (;;) {
    await sleep(sampleMs);
    const [time, after] = [now(), await readTime()];
    const cores = (after.busySeconds - before.busySeconds) / ((time - then) / 1000);
    if (cores <= limitCores) return 'quiet';
    if (time - start >= patienceMs) return 'busy';
    [then, before] = [time, after];
  }
}
