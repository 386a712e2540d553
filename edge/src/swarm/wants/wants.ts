/** Who waits for which digest. Bounded for each viewer, and nothing is waited for longer than its time. */
export class Wants {
  readonly #maxPerViewer: number;
  readonly #lifetimeMs: number;
  readonly #byKey = new Map<string, Map<string, number>>();
  readonly #byViewer = new Map<string, Set<string>>();
  #count = 0;

  constructor(options: { readonly maxPerViewer: number; readonly lifetimeMs: number }) {
    this.#maxPerViewer = options.maxPerViewer;
    this.#lifetimeMs = options.lifetimeMs;
  }

  get count(): number {
    return this.#count;
  }

  /** False: this viewer waits for too much already. Asking again starts its time anew. */
  add(viewer: string, key: string, nowMs: number): boolean {
    const keys = this.#byViewer.get(viewer) ?? new Set<string>();
    const known = keys.has(key);
    if (!known && keys.size >= this.#maxPerViewer) return false;
    const viewers = this.#byKey.get(key) ?? new Map<string, number>();
    viewers.set(viewer, nowMs + this.#lifetimeMs);
    this.#byKey.set(key, viewers);
    keys.add(key);
    this.#byViewer.set(viewer, keys);
    if (!known) this.#count += 1;
    return true;
  }

  /** Those who wait for the key, and do so no longer. */
  take(key: string, nowMs: number): string[] {
    const viewers = [...(this.#byKey.get(key) ?? [])];
    for (const [viewer] of viewers) this.#remove(viewer, key);
    return viewers.filter(([, expiresAtMs]) => expiresAtMs > nowMs).map(([viewer]) => viewer);
  }

  dropViewer(viewer: string): void {
    for (const key of [...(this.#byViewer.get(viewer) ?? [])]) this.#remove(viewer, key);
  }

  dropExpired(nowMs: number): void {
    for (const [key, viewers] of this.#byKey) {
      for (const [viewer, expiresAtMs] of viewers) if (expiresAtMs <= nowMs) this.#remove(viewer, key);
    }
  }

  #remove(viewer: string, key: string): void {
    const viewers = this.#byKey.get(key);
    if (viewers?.delete(viewer) !== true) return;
    this.#count -= 1;
    if (viewers.size === 0) this.#byKey.delete(key);
    const keys = this.#byViewer.get(viewer);
    keys?.delete(key);
    if (keys?.size === 0) this.#byViewer.delete(viewer);
  }
}
