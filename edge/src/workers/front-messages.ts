import type { HotLaneOptions } from '../hot/hot-lane.js';
import type { Site } from '../http/site.js';
import type { HotRecord } from './hot-record.js';
import type { TunnelAddress } from './tunnel-listener.js';

/** What a front is started with. */
export interface FrontData {
  /** The public listener's descriptor; this thread's own copy, which it closes. */
  readonly fd: number;
  readonly owner: TunnelAddress;
  readonly counters: SharedArrayBuffer;
  readonly slot: number;
  readonly slots: number;
  /** Of all threads together. */
  readonly maxConnections: number;
  readonly reportMs: number;
  readonly lane: HotLaneOptions;
  /** Whose targets are asked for. */
  readonly site: Pick<Site, 'prefix' | 'key'>;
}

export type ToFront =
  | { readonly is: 'set'; readonly record: HotRecord }
  | { readonly is: 'drop'; readonly key: string }
  /** To be said back: all before it is done. */
  | { readonly is: 'sync'; readonly id: number }
  /** The owner has answered all of a tunnel's requests, at these counts of its bytes. */
  | {
      readonly is: 'between';
      readonly tunnel: number;
      readonly readBytes: number;
      readonly writtenBytes: number;
    }
  /** At rest it answers nothing: the owner does, and says that connections end. */
  | { readonly is: 'rest'; readonly resting: boolean }
  | { readonly is: 'stop' };

export type FromFront =
  | { readonly is: 'listening' }
  | { readonly is: 'synced'; readonly id: number }
  | { readonly is: 'touched'; readonly keys: readonly string[] }
  /** Bytes of media by the session that asked, since the last such message. */
  | { readonly is: 'sent'; readonly sessions: readonly (readonly [session: string, bytes: number])[] }
  /** After `stop`: no connection is left. */
  | { readonly is: 'drained' };
