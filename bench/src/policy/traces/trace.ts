/** Requests that reached an edge, in order. Objects are numbers: their index in `keys` and `bytes`. */
export interface Trace {
  readonly name: string;
  readonly keys: readonly string[];
  readonly bytes: Uint32Array;
  /** The segment behind each in its rendition; -1 for playlists and last ones. */
  readonly following: Int32Array;
  readonly objects: Uint32Array;
  readonly atMs: Float64Array;
  readonly viewers: Uint32Array;
  /** What can be asked for at one time: cache sizes are shares of it. */
  readonly catalogueBytes: number;
}

/** Collects objects and requests in any order. */
export class TraceBuilder {
  readonly #keys: string[] = [];
  readonly #bytes: number[] = [];
  readonly #following: number[] = [];
  readonly #objects: number[] = [];
  readonly #atMs: number[] = [];
  readonly #viewers: number[] = [];

  object(key: string, bytes: number): number {
    this.#bytes.push(Math.round(bytes));
    this.#following.push(-1);
    return this.#keys.push(key) - 1;
  }

  follows(object: number, following: number): void {
    this.#following[object] = following;
  }

  request(object: number, atMs: number, viewer: number): void {
    this.#objects.push(object);
    this.#atMs.push(atMs);
    this.#viewers.push(viewer);
  }

  get requests(): number {
    return this.#objects.length;
  }

  /** The requests up to `endMs`, by time. */
  build(name: string, catalogueBytes: number, endMs: number): Trace {
    const at = this.#atMs;
    const order = Uint32Array.from(at.keys())
      .filter((index) => (at[index] ?? 0) <= endMs)
      .sort((a, b) => (at[a] ?? 0) - (at[b] ?? 0) || a - b);
    const inOrder = (values: readonly number[]) => (index: number) => values[index] ?? 0;
    return {
      name,
      keys: this.#keys,
      bytes: Uint32Array.from(this.#bytes),
      following: Int32Array.from(this.#following),
      objects: order.map(inOrder(this.#objects)),
      atMs: Float64Array.from(order, inOrder(at)),
      viewers: order.map(inOrder(this.#viewers)),
      catalogueBytes,
    };
  }
}

/** Both at once, as one edge sees them. */
export function mixTraces(name: string, first: Trace, second: Trace): Trace {
  const builder = new TraceBuilder();
  for (const [trace, firstViewer] of [
    [first, 0],
    [second, 1 + Math.max(0, ...new Set(first.viewers))],
  ] as const) {
    const base = trace.keys.map((key, index) => builder.object(key, trace.bytes[index] ?? 0))[0] ?? 0;
    for (const [index, following] of trace.following.entries()) {
      if (following >= 0) builder.follows(base + index, base + following);
    }
    for (const [index, object] of trace.objects.entries()) {
      builder.request(base + object, trace.atMs[index] ?? 0, firstViewer + (trace.viewers[index] ?? 0));
    }
  }
  const endMs = Math.min(first.atMs.at(-1) ?? 0, second.atMs.at(-1) ?? 0);
  return builder.build(name, first.catalogueBytes + second.catalogueBytes, endMs);
}
