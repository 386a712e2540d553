import {
  decodeDigestBlock,
  digestBlockPath,
  MAX_BLOCK_SEGMENTS,
  MAX_PATH_BYTES,
  ProtocolError,
  type SegmentDigest,
} from '@eddy/protocol';
import type { Timers } from '../components.js';
import { atEdge } from '../session/edge-address.js';

/** As much of `fetch` as reading a block needs. */
export type FetchBlock = (url: string, init: { readonly signal: AbortSignal }) => Promise<BlockResponse>;

export interface BlockResponse {
  readonly ok: boolean;
  readonly status: number;
  arrayBuffer(): Promise<ArrayBuffer>;
}

export interface BlockReaderComponents {
  readonly timers: Timers;
  readonly fetch?: FetchBlock;
}

export interface BlockReaderOptions {
  /** Looked at each time: it may change. */
  readonly edge: string;
  readonly blockQuery?: (playlistPath: string) => string;
}

/** `absent`: there is none, or none that can be understood; it will not come. `failed`: perhaps next time. */
export type BlockResult =
  | { readonly kind: 'read'; readonly digests: readonly SegmentDigest[] }
  | { readonly kind: 'absent' }
  | { readonly kind: 'failed' };

/** Each entry has a path, two numbers and a root. */
const MAX_BLOCK_BYTES = 64 + MAX_BLOCK_SEGMENTS * (MAX_PATH_BYTES + 64);
const READ_TIMEOUT_MS = 8_000;

/** Reads published digest blocks from the edge. */
export class BlockReader {
  readonly #timers: Timers;
  readonly #fetch: FetchBlock;
  readonly #options: BlockReaderOptions;
  readonly #query: (playlistPath: string) => string;
  readonly #reading = new Set<AbortController>();

  /** @throws TypeError when `edge` is no URL. */
  constructor({ timers, fetch }: BlockReaderComponents, options: BlockReaderOptions) {
    this.#timers = timers;
    // Called as a method of anything but its window, the browser's own throws.
    this.#fetch = fetch ?? ((url, init) => globalThis.fetch(url, init));
    this.#options = options;
    atEdge(options.edge, '/');
    this.#query = options.blockQuery ?? (() => '');
  }

  /** Does not throw. */
  async read(playlistPath: string, index: number): Promise<BlockResult> {
    const url = atEdge(this.#options.edge, digestBlockPath(playlistPath, index));
    const query = this.#query(playlistPath);
    if (query !== '') url.search = query;
    const controller = new AbortController();
    this.#reading.add(controller);
    const cancelTimeout = this.#timers.after(READ_TIMEOUT_MS, () => controller.abort());
    try {
      const response = await this.#fetch(url.href, { signal: controller.signal });
      if (!response.ok) return { kind: isForGood(response.status) ? 'absent' : 'failed' };
      const block = new Uint8Array(await response.arrayBuffer());
      if (block.length > MAX_BLOCK_BYTES) return { kind: 'absent' };
      return { kind: 'read', digests: decodeDigestBlock(block) };
    } catch (error) {
      return { kind: error instanceof ProtocolError ? 'absent' : 'failed' };
    } finally {
      cancelTimeout();
      this.#reading.delete(controller);
    }
  }

  /** Ends what is being read. */
  close(): void {
    for (const controller of this.#reading) controller.abort();
  }
}

function isForGood(status: number): boolean {
  return status >= 400 && status < 500 && status !== 408 && status !== 429;
}
