/** Runs what is asked for one key in the order in which it was asked; different keys do not wait for each other. */
export class KeyQueue {
  readonly #last: Map<string, Promise<unknown>> = new Map();

  /** Rejects if `task` does; those behind it run all the same. */
  run<T>(key: string, task: () => Promise<T>): Promise<T> {
    const before = this.#last.get(key);
    const result = before === undefined ? task() : before.then(task, task);
    const tail: Promise<void> = result.then(
      () => this.#forget(key, tail),
      () => this.#forget(key, tail),
    );
    this.#last.set(key, tail);
    return result;
  }

  /** Something for the key is under way. */
  isBusy(key: string): boolean {
    return this.#last.has(key);
  }

  /** Resolves when nothing asked so far for the key is under way. */
  async idle(key: string): Promise<void> {
    await this.#last.get(key);
  }

  async allIdle(): Promise<void> {
    while (this.#last.size > 0) await Promise.all(this.#last.values());
  }

  #forget(key: string, tail: Promise<unknown>): void {
    if (this.#last.get(key) === tail) this.#last.delete(key);
  }
}
