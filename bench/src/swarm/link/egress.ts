/** Largest piece of one response that goes out before others have their turn. */
const PIECE_BYTES = 8 * 1024;

/** One response on its way out. */
export interface Flow {
  /** Resolves once there is room for more. */
  readonly send: (bytes: Buffer) => Promise<void>;
  /** Resolves once everything given is out. */
  readonly flushed: () => Promise<void>;
  /** Forgets what has not left yet. */
  readonly cut: () => void;
}

interface Waiting {
  bytes: Buffer;
  readonly flow: { isCut: boolean; readonly deliver: (piece: Buffer) => void };
  readonly done: () => void;
}

/** Calls back after so many milliseconds. */
export type After = (ms: number, action: () => void) => void;

const systemAfter: After = (ms, action) => {
  setTimeout(action, ms);
};

/**
 * The edge's line to the world: everything that all responses send goes out at no more than `bitsPerSecond`, piece by
 * piece in turns. Without a limit bytes leave at once.
 */
export class Egress {
  readonly #bitsPerSecond: number;
  readonly #after: After;
  readonly #now: () => number;
  readonly #turns: Waiting[] = [];
  #freeAt = 0;
  #busy = false;

  constructor(
    { bitsPerSecond }: { readonly bitsPerSecond: number },
    {
      after = systemAfter,
      now = () => performance.now(),
    }: { readonly after?: After; readonly now?: () => number } = {},
  ) {
    this.#bitsPerSecond = bitsPerSecond;
    this.#after = after;
    this.#now = now;
  }

  /** A new response, of which `deliver` is handed the pieces in order. */
  open(deliver: (piece: Buffer) => void): Flow {
    const flow = { isCut: false, deliver };
    let last: Promise<void> = Promise.resolve();
    return {
      send: (bytes) => {
        if (flow.isCut || bytes.length === 0) return last;
        if (this.#bitsPerSecond === Number.POSITIVE_INFINITY) {
          deliver(bytes);
          return last;
        }
        last = new Promise((done) => {
          this.#turns.push({ bytes, flow, done });
          this.#next();
        });
        return last;
      },
      flushed: () => last,
      cut: () => {
        flow.isCut = true;
      },
    };
  }

  #next(): void {
    if (this.#busy) return;
    let turn = this.#turns.shift();
    while (turn?.flow.isCut) {
      turn.done();
      turn = this.#turns.shift();
    }
    if (turn === undefined) return;
    this.#carry(turn);
  }

  #carry(turn: Waiting): void {
    const piece = turn.bytes.subarray(0, PIECE_BYTES);
    turn.bytes = turn.bytes.subarray(piece.length);
    this.#busy = true;
    const now = this.#now();
    // Timers run late: what they lose is made up, but idle time is not saved.
    this.#freeAt = Math.max(this.#freeAt, now - 50) + (piece.length * 8000) / this.#bitsPerSecond;
    this.#after(Math.max(0, this.#freeAt - now), () => {
      this.#busy = false;
      if (!turn.flow.isCut) turn.flow.deliver(piece);
      if (turn.bytes.length > 0) this.#turns.push(turn);
      else turn.done();
      this.#next();
    });
  }
}
