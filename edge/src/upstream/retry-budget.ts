export interface RetryBudgetOptions {
  /** Retries per request. 0.2 means that an origin that is down gets at most 1.2 times its usual requests. */
  readonly share: number;
  /** Retries that may come at once, so that an edge with few requests can retry too. */
  readonly burst: number;
}

export const DEFAULT_RETRY_BUDGET: RetryBudgetOptions = { share: 0.2, burst: 10 };

/** Keeps retries to a share of requests: without it, an outage multiplies the load of what is already down. */
export class RetryBudget {
  readonly #options: RetryBudgetOptions;
  #left: number;
  /** Retries that it allowed, and that it refused. */
  granted = 0;
  refused = 0;

  constructor(options: RetryBudgetOptions) {
    this.#options = options;
    this.#left = options.burst;
  }

  /** For each request, however it ends. */
  deposit(): void {
    this.#left = Math.min(this.#options.burst, this.#left + this.#options.share);
  }

  /** Whether there may be one more retry, which is then counted. */
  withdraw(): boolean {
    if (this.#left < 1) {
      this.refused++;
      return false;
    }
    this.#left--;
    this.granted++;
    return true;
  }
}
