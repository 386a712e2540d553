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
  /** The next bytes, as many as there are. Undefined at the end. @throws what the writer failed with. */
  read(): Promise<Buffer | undefined>;
  /** Reads no more; lets the writer go on. */
  close(): void;
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
  #waiting: (() => void)[] = [];

  get ended(): boolean {
    if (this.#state.is === 'failed') throw this.#state.error;
    return this.#state.is === 'ended';
  }

  settle(state: State): void {
    if (this.#state.is !== 'filling') return;
    this.#state = state;
    this.wake();
  }

  wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resume of waiting) resume();
  }

  next(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
    });
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
    let at = start;
    let open = true;
    const read = async (): Promise<Buffer | undefined> => {
      while (open) {
        if (at < this.#visible) {
          const piece = this.#buffer.subarray(at, this.#visible);
          at = this.#visible;
          return piece;
        }
        if (this.#progress.ended) return undefined;
        await this.#progress.next();
      }
      return undefined;
    };
    return {
      read,
      close: () => {
        open = false;
        this.#progress.wake();
      },
    };
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
    const read = async (): Promise<Buffer | undefined> => {
      while (this.#readers.has(place)) {
        const piece = this.#pieces[place.piece - this.#letGo];
        if (piece !== undefined) {
          place.piece++;
          if (this.overflown) this.#release();
          return piece;
        }
        if (this.#progress.ended) return undefined;
        await this.#progress.next();
      }
      return undefined;
    };
    const close = (): void => {
      this.#readers.delete(place);
      this.#progress.wake();
      if (this.overflown) this.#release();
    };
    return { read, close };
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
