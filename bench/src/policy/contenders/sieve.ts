import type { ByteCache } from './byte-cache.js';

interface Node {
  readonly object: number;
  readonly bytes: number;
  visited: boolean;
  newer: Node | undefined;
  older: Node | undefined;
}

/**
 * SIEVE (Zhang et al., NSDI 2024): one queue; a hand walks from old to new, spares what was used since it last passed
 * and takes the first that was not. Nothing moves on a hit.
 */
export class Sieve implements ByteCache {
  readonly #limitBytes: number;
  readonly #nodes = new Map<number, Node>();
  #bytes = 0;
  #newest: Node | undefined;
  #oldest: Node | undefined;
  #hand: Node | undefined;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  access(object: number, bytes: number): boolean {
    const held = this.#nodes.get(object);
    if (held !== undefined) {
      held.visited = true;
      return true;
    }
    if (bytes > this.#limitBytes) return false;
    while (this.#bytes + bytes > this.#limitBytes) this.#evict();
    const node: Node = { object, bytes, visited: false, newer: undefined, older: this.#newest };
    if (this.#newest !== undefined) this.#newest.newer = node;
    this.#newest = node;
    this.#oldest ??= node;
    this.#nodes.set(object, node);
    this.#bytes += bytes;
    return false;
  }

  #evict(): void {
    let node = this.#hand ?? this.#oldest;
    while (node?.visited === true) {
      node.visited = false;
      node = node.newer ?? this.#oldest;
    }
    if (node === undefined) return;
    this.#hand = node.newer;
    if (node.newer === undefined) this.#newest = node.older;
    else node.newer.older = node.older;
    if (node.older === undefined) this.#oldest = node.newer;
    else node.older.newer = node.newer;
    this.#nodes.delete(node.object);
    this.#bytes -= node.bytes;
  }

  get bytes(): number {
    return this.#bytes;
  }
}
