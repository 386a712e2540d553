/** A file whose bytes lie in the ring. */
export interface PlaceOrder {
  readonly at: number;
  readonly bytes: number;
  readonly from: string;
  readonly to: string;
}

export interface WriterData {
  readonly ring: SharedArrayBuffer;
}

/** How the oldest orders ended, in their order: undefined went well. */
export type PlaceResults = readonly (PlaceFailure | undefined)[];

export interface PlaceFailure {
  readonly code: string;
  readonly message: string;
}
