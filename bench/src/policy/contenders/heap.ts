/** A binary heap; the lowest priority comes out first. Outdated entries are for the caller to skip. */
export class Heap {
  readonly #items: number[] = [];
  readonly #priorities: number[] = [];

  push(item: number, priority: number): void {
    let at = this.#items.length;
    this.#items.push(item);
    this.#priorities.push(priority);
    while (at > 0) {
      const above = (at - 1) >> 1;
      if (this.#priority(above) <= priority) break;
      this.#move(above, at);
      at = above;
    }
    this.#place(at, item, priority);
  }

  pop(): { readonly item: number; readonly priority: number } | undefined {
    const item = this.#items[0];
    const priority = this.#priority(0);
    const last = this.#items.pop();
    const lastPriority = this.#priorities.pop();
    if (item === undefined || last === undefined || lastPriority === undefined) return undefined;
    const count = this.#items.length;
    if (count > 0) {
      let at = 0;
      for (let below = 1; below < count; below = 2 * at + 1) {
        if (below + 1 < count && this.#priority(below + 1) < this.#priority(below)) below++;
        if (this.#priority(below) >= lastPriority) break;
        this.#move(below, at);
        at = below;
      }
      this.#place(at, last, lastPriority);
    }
    return { item, priority };
  }

  #priority(at: number): number {
    return this.#priorities[at] ?? Number.POSITIVE_INFINITY;
  }

  #move(from: number, to: number): void {
    this.#place(to, this.#items[from] ?? 0, this.#priority(from));
  }

  #place(at: number, item: number, priority: number): void {
    this.#items[at] = item;
    this.#priorities[at] = priority;
  }
}
