/** What a response waits for: its first bytes, its head while there are none, or further bytes. In order of urgency. */
export type Urgency = 'first' | 'head' | 'more';

export interface SendTurnsComponents {
  /** Runs it after what has come in by then was looked at. */
  readonly later: (run: () => void) => void;
}

/** Sends in a turn. A few milliseconds of work: then new requests and the origin's bytes are looked at. */
const TURN_SENDS = 32;
/** For further bytes in any case, so that a rush of newcomers does not stop those who came before. */
const MORE_SENDS = 8;

/**
 * The order in which responses that follow fills are sent. One origin's piece is hundreds of writes, and each of them
 * would delay somebody who has nothing yet.
 */
export class SendTurns {
  readonly #later: (run: () => void) => void;
  readonly #waiting: Readonly<Record<Urgency, Set<() => void>>> = {
    first: new Set(),
    head: new Set(),
    more: new Set(),
  };
  #planned = false;

  constructor({ later }: SendTurnsComponents = { later: setImmediate }) {
    this.#later = later;
  }

  /** `send` gets a turn; one that has become more urgent gets it sooner. */
  add(send: () => void, urgency: Urgency): void {
    if (urgency === 'first') this.#waiting.head.delete(send);
    this.#waiting[urgency].add(send);
    if (this.#planned) return;
    this.#planned = true;
    this.#later(this.#turn);
  }

  delete(send: () => void): void {
    for (const waiting of Object.values(this.#waiting)) waiting.delete(send);
  }

  readonly #turn = (): void => {
    const { first, head, more } = this.#waiting;
    const sends = taken(first, TURN_SENDS);
    sends.push(...taken(head, TURN_SENDS - sends.length));
    sends.push(...taken(more, Math.max(MORE_SENDS, TURN_SENDS - sends.length)));
    this.#planned = first.size + head.size + more.size > 0;
    if (this.#planned) this.#later(this.#turn);
    for (const send of sends) send();
  };
}

function taken(waiting: Set<() => void>, most: number): (() => void)[] {
  const sends: (() => void)[] = [];
  for (const send of waiting) {
    if (sends.length >= most) break;
    waiting.delete(send);
    sends.push(send);
  }
  return sends;
}
