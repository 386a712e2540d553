/** What is known of a span, by the names of OpenTelemetry's conventions where they have one. */
export type Attributes = Readonly<Record<string, string | number | boolean>>;

/** A stretch of a request's way that is recorded. */
export interface Span {
  /** A stretch within this one, on this edge or (`client`) out to another server. */
  child(name: string, attributes?: Attributes, kind?: 'internal' | 'client'): Span;
  set(attributes: Attributes): void;
  /** Once. `failure`: a word for what went wrong. */
  end(failure?: string): void;
  /** What whoever is asked next is told (W3C Trace Context). */
  readonly traceparent: string;
}

/**
 * Records how requests come about that memory alone does not answer. Where nobody asks for traces there is none, and
 * nobody pays for it: a span that is not there makes no others.
 */
export interface Tracing {
  /** `traceparent` is the caller's, if the caller is believed. */
  request(traceparent: string | undefined, attributes: Attributes): Span;
  /** Sends what is left, for a few seconds at most. Does not throw. */
  close(): Promise<void>;
}
