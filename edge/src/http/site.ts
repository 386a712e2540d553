import type { FillSource } from '../fill/order.js';
import type { RequestKeyOptions } from './request-key.js';

/** What a host name stands for: an origin, and how it is served. */
export interface Site extends FillSource {
  /** For metrics, logs and purges. */
  readonly name: string;
  /** Goes before every path in keys; empty for the only site. */
  readonly prefix: string;
  readonly key: RequestKeyOptions;
  readonly cors: Cors;
}

/** What pages of other origins may see. */
export interface Cors {
  /** Whether the edge says so, or leaves it to the origin. */
  readonly by: 'edge' | 'origin';
  /** Names and values in turn, with every answer to a request from `origin`. */
  fieldsFor(origin: string | undefined): readonly string[];
  /** The answer to a preflight. */
  preflightFor(origin: string | undefined): readonly string[];
}
