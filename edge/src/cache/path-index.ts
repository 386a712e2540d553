/** Which keys stand for each path, so that a purge of one path looks at its variants only. */
export class PathIndex {
  /** Nearly every path has one key, which then needs no set of its own. */
  readonly #keys = new Map<string, string | Set<string>>();

  add(path: string, key: string): void {
    const held = this.#keys.get(path);
    if (held === undefined) this.#keys.set(path, key);
    else if (typeof held !== 'string') held.add(key);
    else if (held !== key) this.#keys.set(path, new Set([held, key]));
  }

  delete(path: string, key: string): void {
    const held = this.#keys.get(path);
    if (held === undefined) return;
    if (typeof held === 'string') {
      if (held === key) this.#keys.delete(path);
      return;
    }
    held.delete(key);
    if (held.size === 0) this.#keys.delete(path);
  }

  keysOf(path: string): string[] {
    const held = this.#keys.get(path);
    if (held === undefined) return [];
    return typeof held === 'string' ? [held] : [...held];
  }

  /** Paths with at least one key. */
  get size(): number {
    return this.#keys.size;
  }
}
