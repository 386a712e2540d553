import type { SiteCors } from '../access/cors.js';
import type { FillSource } from '../fill/order.js';
import type { RequestKeyOptions } from './request-key.js';

/** What a host name stands for: an origin, and how it is served. */
export interface Site extends FillSource {
  /** For metrics, logs and purges. */
  readonly name: string;
  /** Goes before every path in keys; empty for the only site. */
  readonly prefix: string;
  readonly key: RequestKeyOptions;
  /** Most that a request body may have (`limits.bodyBytes`). */
  readonly bodyBytes: number;
  /** What pages of other origins may see. */
  readonly cors: SiteCors;
}
