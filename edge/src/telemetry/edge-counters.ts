import type { Clock } from '../components.js';
import type { RefusalReason } from '../refusals/refusals.js';
import type { UpstreamRole } from '../upstream/upstream.js';

/** How a media request was answered. */
export const RESULTS = ['hit', 'miss', 'collapsed', 'revalidated', 'stale', 'pass', 'refused'] as const;
/**
 * `hit`: from memory, the origin was not asked. `miss`: this request made the fill. `collapsed`: it waited for
 * another's. `revalidated`: the origin still has the same bytes. `stale`: the origin failed, an old object was sent.
 * `pass`: not storable, went to the origin alone. `refused`: anything from 400 up; see the reason.
 */
export type Result = (typeof RESULTS)[number];

/** Plain numbers, so that a hit pays one addition; `telemetry/metrics` reads them when it is scraped. */
export class EdgeCounters {
  readonly requests: Record<Result, number> = zeroed();
  /** Body bytes handed to the connection, or asked to be. */
  readonly responseBytes: Record<Result, number> = zeroed();
  readonly refusals: Map<RefusalReason, number> = new Map();
  /** Responses that were broken off because the body broke off. */
  cuts = 0;
  /** Hears of body bytes as they are handed over, and of the request target that they answer. */
  onBody: ((target: string, bytes: number) => void) | undefined;

  count(result: Result, bodyBytes: number): void {
    this.requests[result]++;
    this.responseBytes[result] += bodyBytes;
  }

  /** More of a body that was counted with 0 bytes. */
  body(result: Result, bytes: number, target: string | undefined): void {
    this.responseBytes[result] += bytes;
    if (target !== undefined) this.onBody?.(target, bytes);
  }

  refuse(reason: RefusalReason): void {
    this.requests.refused++;
    this.refusals.set(reason, (this.refusals.get(reason) ?? 0) + 1);
  }
}

function zeroed(): Record<Result, number> {
  return { hit: 0, miss: 0, collapsed: 0, revalidated: 0, stale: 0, pass: 0, refused: 0 };
}

/** Seconds; a fill of a second is slow, of ten a failure. */
export const FIRST_BYTE_BUCKETS: readonly number[] = [
  0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
];

/** How requests to the origin went. */
export class UpstreamTally {
  readonly #clock: Clock;
  /** By status class, `2xx` to `4xx`, and by error code. */
  readonly outcomes: Map<string, number> = new Map();
  /** Fills and lone requests by how they ended: `complete`, `abandoned`, or an error code. */
  readonly ends: Map<string, number> = new Map();
  /** Body bytes, by who sent the beginning: what broke off may have been finished by another. */
  readonly receivedFrom: Record<UpstreamRole, number> = { origin: 0, shield: 0, sibling: 0 };
  /** Fed by each response head; set by `telemetry/metrics`. */
  onFirstByte: (seconds: number) => void = () => {};

  /** Monotonic clock. */
  constructor({ clock }: { readonly clock: Clock }) {
    this.#clock = clock;
  }

  get receivedBytes(): number {
    const { origin, shield, sibling } = this.receivedFrom;
    return origin + shield + sibling;
  }

  received({ from = 'origin' }: { readonly from?: UpstreamRole | undefined }, bytes: number): void {
    this.receivedFrom[from] += bytes;
  }

  begin(): UpstreamMeasure {
    const startMs = this.#clock.now();
    let answered = false;
    return {
      answered: (status) => {
        answered = true;
        this.onFirstByte((this.#clock.now() - startMs) / 1000);
        add(this.outcomes, `${Math.floor(status / 100)}xx`);
      },
      ended: (how) => {
        if (!answered) add(this.outcomes, how);
        add(this.ends, how);
      },
    };
  }
}

export interface UpstreamMeasure {
  answered(status: number): void;
  ended(how: string): void;
}

function add(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}
