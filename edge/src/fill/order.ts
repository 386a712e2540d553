import type { FieldList } from '../cache/fields.js';
import type { LifetimePolicy } from '../cache/freshness.js';
import type { ObjectTier } from '../cache/memory-tier.js';
import type { StoredResponse } from '../cache/stored-response.js';
import type { VaryIndex } from '../cache/vary.js';
import type { Clock } from '../components.js';
import type { SegmentDigests } from '../digests/segment-digests.js';
import type { ByteRange } from '../ranges/ranges.js';
import type { UpstreamTally } from '../telemetry/edge-counters.js';
import type { Span } from '../tracing/tracing.js';
import type { Upstream, UpstreamRequest, UpstreamResponse } from '../upstream/upstream.js';
import type { UpstreamError } from '../upstream/upstream-error.js';
import type { BackingStore } from './backing-store.js';
import type { Fill } from './fill.js';
import type { FillMemory } from './fill-memory.js';
import type { FillTable } from './fill-table.js';
import type { PassMarks } from './pass-marks.js';
import type { Exchange } from './response-head.js';

export interface FillComponents {
  readonly tier: ObjectTier;
  /** What is behind memory. */
  readonly backing: BackingStore;
  readonly table: FillTable;
  readonly marks: PassMarks;
  readonly varies: VaryIndex;
  readonly memory: FillMemory;
  readonly digests: SegmentDigests;
  readonly tally: UpstreamTally;
  /** Since the epoch. */
  readonly wallClock: Clock;
  /** Where bodies are kept. */
  readonly allocate: (bytes: number) => Buffer;
  /** Hears of every fill that failed. */
  readonly onFailure: (fill: Fill, error: UpstreamError) => void;
  /** Hears of every object that came from an origin and is kept. */
  readonly onStored?: (object: StoredResponse) => void;
}

/** Where a fill's object comes from, and by which rules it is kept. */
export interface FillSource {
  readonly upstream: Upstream;
  readonly policy: LifetimePolicy;
  readonly maxObjectBytes: number;
  /** Larger objects are held in parts of this size; 0: not at all. */
  readonly sliceBytes: number;
  /** A store of files: what is not there is told in our words, and its fields are those we know. */
  readonly isStore: boolean;
}

/** A part of a large object that is to be fetched. */
export interface SliceOrder {
  /** The object that it is a part of. */
  readonly of: StoredResponse;
  readonly range: ByteRange;
}

export interface FillOrder {
  /** Names the object apart from its variants. */
  readonly primaryKey: string;
  /** Where the variant that is asked for would be, as far as variants are known. */
  readonly variantKey: string;
  readonly source: FillSource;
  /** For the origin: as sent, below its prefix. */
  readonly upstreamPath: string;
  readonly upstreamQuery: string;
  /** Request fields to pass on. */
  readonly fields: FieldList;
  readonly authorized: boolean;
  /** Came from another edge of the PoP, which must not be asked in turn. */
  readonly fromSibling?: boolean;
  /** What memory still has. */
  readonly stale: StoredResponse | undefined;
  readonly slice?: SliceOrder;
  /** Hears what the origin says before it answers (1xx). */
  readonly onInfo?: UpstreamRequest['onInfo'];
  /** Whose request it was, if its way is recorded. */
  readonly span?: Span | undefined;
}

/** An answer of the origin that is being made an object. */
export interface Taking {
  readonly fill: Fill;
  readonly order: FillOrder;
  readonly response: UpstreamResponse;
  readonly exchange: Exchange;
}
