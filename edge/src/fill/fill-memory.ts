/** Bytes of bodies on their way, which no cache bounds yet. Asked before memory is given. */
export class FillMemory {
  readonly #limitBytes: number;
  #heldBytes = 0;

  constructor({ limitBytes }: { readonly limitBytes: number }) {
    this.#limitBytes = limitBytes;
  }

  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** What one fill takes. */
  open(): FillShare {
    let share = 0;
    return {
      take: (bytes) => {
        if (this.#heldBytes + bytes > this.#limitBytes) return false;
        this.#heldBytes += bytes;
        share += bytes;
        return true;
      },
      release: () => {
        this.#heldBytes -= share;
        share = 0;
      },
    };
  }
}

export interface FillShare {
  /** False: there is no room for so many more bytes. */
  take(bytes: number): boolean;
  /** Gives all of it back. */
  release(): void;
}
