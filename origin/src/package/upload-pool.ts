export interface UploadLimits {
  /** Uploads at once. */
  readonly uploads: number;
  /** Bytes of all uploads at once. One that is larger goes alone. */
  readonly bytes: number;
}

/** Runs uploads side by side within limits; `add` waits for room, which holds back whoever makes the bytes. */
export class UploadPool {
  readonly #limits: UploadLimits;
  readonly #running = new Set<Promise<void>>();
  #bytes = 0;
  #failure: { readonly error: unknown } | undefined;

  constructor(limits: UploadLimits) {
    this.#limits = limits;
  }

  /** Resolves when the upload of `bytes` has begun. Rejects with the first failure of any upload before. */
  async add(bytes: number, upload: () => Promise<void>): Promise<void> {
    while (this.#running.size > 0 && this.#isFull(bytes)) await Promise.race(this.#running);
    this.#throwFailure();
    this.#bytes += bytes;
    const running: Promise<void> = upload()
      .catch((error: unknown) => {
        this.#failure ??= { error };
      })
      .finally(() => {
        this.#bytes -= bytes;
        this.#running.delete(running);
      });
    this.#running.add(running);
  }

  /** Waits for all; rejects with the first failure. */
  async finish(): Promise<void> {
    await this.settle();
    this.#throwFailure();
  }

  /** Waits until nothing runs, whatever came of it. */
  async settle(): Promise<void> {
    while (this.#running.size > 0) await Promise.race(this.#running);
  }

  #isFull(bytes: number): boolean {
    return this.#running.size >= this.#limits.uploads || this.#bytes + bytes > this.#limits.bytes;
  }

  #throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }
}
