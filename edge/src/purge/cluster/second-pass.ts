import type { PurgeOrder } from '../order.js';
import type { Progress } from './progress.js';

interface Done {
  readonly sequence: number;
  readonly order: PurgeOrder;
  /** Runs of edges that had carried it out before we did, or that we have repeated it for. */
  readonly covered: Set<string>;
}

/** Orders that may have to be repeated. Beyond, the oldest are not. */
const REMEMBERED = 256;

/**
 * Whoever was asked between our purge and his own may have given us what he was still to purge. So an order is carried
 * out once more when an edge that we fetch from has caught up with it. Pure: it says which, others do it.
 */
export class SecondPass {
  #done: Done[] = [];

  /** `covered`: those of `sources` that had carried it out already. */
  note(sequence: number, order: PurgeOrder, covered: Iterable<string>): void {
    this.#done.push({ sequence, order, covered: new Set(covered) });
    if (this.#done.length > REMEMBERED) this.#done.shift();
  }

  /** What to repeat now that an edge that we fetch from has come so far. */
  due({ instance, sequence, servesFrom }: Progress): PurgeOrder[] {
    const due: PurgeOrder[] = [];
    for (const done of this.#done) {
      if (done.sequence > sequence || done.covered.has(instance)) continue;
      done.covered.add(instance);
      // What it had carried out before it answered anybody, it cannot have given us.
      if (done.sequence > servesFrom) due.push(done.order);
    }
    return due;
  }

  clear(): void {
    this.#done = [];
  }
}
