import type { Fact } from '../rollup/fact.js';
import type { EdgeMinute } from '../store/insight-store.js';

export type SinkResult = 'stored' | 'duplicate';

/** Where judged batches go: this edge's own store, or another edge. */
export interface FactSink {
  /**
   * Resolves when the batch is committed. @throws InsightError `queue-full`, `closing`, one of `store-…` or
   * `forward-failed`; the batch was not counted then as far as is known, and may be sent again under the same name.
   */
  accept(fact: Fact): Promise<SinkResult>;
  /** The same for what an edge counted in a minute. */
  acceptEdge(counted: EdgeMinute): Promise<SinkResult>;
  /** Batches not yet committed. */
  readonly queued: number;
  /** Commits what waits. Later batches are refused. */
  close(): Promise<void>;
}
