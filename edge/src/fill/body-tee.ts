/** One writer's bytes for many readers, each at its own position. */
export interface BodyTee {
  /** Undefined: go on. A promise: wait for it before the next write. */
  write(chunk: Buffer): Promise<void> | undefined;
  /** The body is whole and verified. */
  end(): void;
  /** Readers that have not got everything throw this. */
  fail(error: Error): void;
  /** Starts at byte `start`, which must not have been let go (see `BodyTeeOptions.keepBytes`). */
  reader(start?: number): BodyReader;
  /** The whole body, once ended and if all of it was kept. */
  readonly body: Buffer | undefined;
  readonly receivedBytes: number;
  /** Whether bytes were let go because there were more than may be kept. */
  readonly overflown: boolean;
}

export interface BodyReader {
  /**
   * The next bytes that are there now, as many as there are. Undefined: none now, and none ever once `ended`.
   *
   * @throws what the writer failed with, after all that came before.
   */
  take(): Buffer | undefined;
  /** Nothing more comes: the body is whole, or the reader is closed. Bytes that are there may still be taken. */
  readonly ended: boolean;
  /** Runs `run`, once, when there may be more to take or the body is over; in place of what was to be run before. */
  onMore(run: () => void): void;
  /** Reads no more; lets the writer go on. */
  close(): void;
}

/** The next bytes, as many as there are, waited for. Undefined at the end. @throws what the writer failed with. */
export async function readNext(reader: BodyReader): Promise<Buffer | undefined> {
  for (;;) {
    const piece = reader.take();
    if (piece !== undefined || reader.ended) return piece;
    await new Promise<void>((resolve) => reader.onMore(resolve));
  }
}

export interface BodyTeeOptions {
  /** Declared length, if there is one. The writer checks it; it must be at most `keepBytes`. */
  readonly totalBytes: number | undefined;
  /** Most bytes kept. A body of unknown length that grows over it flows at its slowest reader's pace from then on. */
  readonly keepBytes: number;
  /** Where a body of known length is kept. Default: plain memory. */
  readonly allocate?: ((bytes: number) => Buffer) | undefined;
}

/** Not from the shared pool: a small body would keep 8 KiB of others alive. */
const plainMemory = (bytes: number): Buffer => Buffer.allocUnsafeSlow(bytes);

/**
 * A known length is one buffer from the start, so that the body can leave in one write later. The last piece is held
 * back until `end`: nobody gets a complete body before it is verified.
 */
export function createBodyTee(options: BodyTeeOptions): BodyTee {
  const { totalBytes, keepBytes, allocate = plainMemory } = options;
  return totalBytes === undefined ? new GrowingTee(keepBytes, allocate) : new WholeTee(allocate(totalBytes));
}

type State =
  | { readonly is: 'filling' }
  | { readonly is: 'ended' }
  | { readonly is: 'failed'; readonly error: Error };

/** Lets readers sleep until there is something new. */
class Progress {
  #state: State = { is: 'filling' };
  #waiting = new Map<object, () => void>();

  get ended(): boolean {
    return this.#state.is === 'ended';
  }

  check(): void {
    if (this.#state.is === 'failed') throw this.#state.error;
  }

  settle(state: State): void {
    if (this.#state.is !== 'filling') return;
    this.#state = state;
    this.wake();
  }

  wake(): void {
    const waiting = this.#waiting;
    this.#waiting = new Map();
    for (const resume of waiting.values()) resume();
  }

  /** Where there is nothing to wait for any more, at once. */
  onMore(reader: object, run: () => void): void {
    if (this.#state.is === 'filling') this.#waiting.set(reader, run);
    else run();
  }

  /** Wakes one that is to wait no more. */
  release(reader: object): void {
    const run = this.#waiting.get(reader);
    this.#waiting.delete(reader);
    run?.();
  }
}

class WholeTee implements BodyTee {
  readonly overflown = false;
  readonly #buffer: Buffer;
  readonly #progress = new Progress();
  #received = 0;
  #visible = 0;
  #whole = false;

  constructor(buffer: Buffer) {
    this.#buffer = buffer;
  }

  get receivedBytes(): number {
    return this.#received;
  }

  get body(): Buffer | undefined {
    return this.#whole ? this.#buffer : undefined;
  }

  write(chunk: Buffer): undefined {
    this.#visible = this.#received;
    chunk.copy(this.#buffer, this.#received);
    this.#received += chunk.length;
    if (this.#received < this.#buffer.length) this.#visible = this.#received;
    this.#progress.wake();
    return undefined;
  }

  end(): void {
    this.#visible = this.#received;
    this.#whole = true;
    this.#progress.settle({ is: 'ended' });
  }

  fail(error: Error): void {
    this.#progress.settle({ is: 'failed', error });
  }

  reader(start = 0): BodyReader {
    return new WholeReader(this.#buffer, () => this.#visible, this.#progress, start);
  }
}

class WholeReader implements BodyReader {
  readonly #buffer: Buffer;
  readonly #visible: () => number;
  readonly #progress: Progress;
  #at: number;
  #open = true;

  constructor(buffer: Buffer, visible: () => number, progress: Progress, start: number) {
    this.#buffer = buffer;
    this.#visible = visible;
    this.#progress = progress;
    this.#at = start;
  }

  get ended(): boolean {
    return !this.#open || this.#progress.ended;
  }

  take(): Buffer | undefined {
    if (!this.#open) return undefined;
    const [from, to] = [this.#at, this.#visible()];
    if (from >= to) {
      this.#progress.check();
      return undefined;
    }
    this.#at = to;
    return this.#buffer.subarray(from, to);
  }

  onMore(run: () => void): void {
    if (this.#open && this.#at >= this.#visible()) this.#progress.onMore(this, run);
    else run();
  }

  close(): void {
    this.#open = false;
    this.#progress.release(this);
  }
}

interface Place {
  /** Number of the next piece, counted from the body's first. */
  piece: number;
}

class GrowingTee implements BodyTee {
  readonly #keepBytes: number;
  readonly #allocate: (bytes: number) => Buffer;
  readonly #progress = new Progress();
  readonly #readers = new Set<Place>();
  #pieces: Buffer[] = [];
  /** Pieces and bytes that were let go. */
  #letGo = 0;
  #letGoBytes = 0;
  #received = 0;
  #whole: Buffer | undefined;
  #roomy: (() => void) | undefined;

  constructor(keepBytes: number, allocate: (bytes: number) => Buffer) {
    this.#keepBytes = keepBytes;
    this.#allocate = allocate;
  }

  get receivedBytes(): number {
    return this.#received;
  }

  get overflown(): boolean {
    return this.#received > this.#keepBytes;
  }

  get body(): Buffer | undefined {
    return this.#whole;
  }

  write(chunk: Buffer): Promise<void> | undefined {
    this.#pieces.push(chunk);
    this.#received += chunk.length;
    this.#progress.wake();
    if (!this.overflown) return undefined;
    this.#release();
    if (this.#hasRoom()) return undefined;
    return new Promise((resolve) => {
      this.#roomy = resolve;
    });
  }

  end(): void {
    if (!this.overflown) this.#whole = this.#joined();
    this.#progress.settle({ is: 'ended' });
  }

  fail(error: Error): void {
    this.#progress.settle({ is: 'failed', error });
    this.#roomy?.();
  }

  reader(start = 0): BodyReader {
    if (start !== 0 || this.#letGo > 0) throw new RangeError(`byte ${start} is not held any more`);
    const place: Place = { piece: 0 };
    this.#readers.add(place);
    const [readers, progress] = [this.#readers, this.#progress];
    return {
      take: () => this.#take(place),
      get ended() {
        return !readers.has(place) || progress.ended;
      },
      onMore: (run) => {
        if (readers.has(place) && this.#pieceAt(place) === undefined) progress.onMore(place, run);
        else run();
      },
      close: () => {
        readers.delete(place);
        progress.release(place);
        if (this.overflown) this.#release();
      },
    };
  }

  #pieceAt({ piece }: Place): Buffer | undefined {
    return this.#pieces[piece - this.#letGo];
  }

  #take(place: Place): Buffer | undefined {
    if (!this.#readers.has(place)) return undefined;
    const piece = this.#pieceAt(place);
    if (piece === undefined) {
      this.#progress.check();
      return undefined;
    }
    place.piece++;
    if (this.overflown) this.#release();
    return piece;
  }

  #joined(): Buffer {
    const whole = this.#allocate(this.#received);
    let at = 0;
    for (const piece of this.#pieces) at += piece.copy(whole, at);
    return whole;
  }

  #hasRoom(): boolean {
    return this.#received - this.#letGoBytes <= this.#keepBytes;
  }

  /** Lets go what every reader has read. */
  #release(): void {
    const slowest = Math.min(
      this.#letGo + this.#pieces.length,
      ...[...this.#readers].map(({ piece }) => piece),
    );
    for (; this.#letGo < slowest; this.#letGo++) this.#letGoBytes += this.#pieces.shift()?.length ?? 0;
    if (!this.#hasRoom()) return;
    this.#roomy?.();
    this.#roomy = undefined;
  }
}
