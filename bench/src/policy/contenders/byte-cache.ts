/** A cache as the replay sees it: what is missing is fetched at once and offered. */
export interface ByteCache {
  /** Whether it was held; if not, it is offered. */
  access(object: number, bytes: number): boolean;
  /** Bytes held. */
  readonly bytes: number;
}
