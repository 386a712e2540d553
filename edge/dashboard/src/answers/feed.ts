import { type Address, writeAddress } from '../address/address.js';
import { previousSpan } from '../figures/comparison.js';
import { type Answered, type AnswerName, questionOf, rangeOf } from './answers.js';
import type { Ask } from './ask.js';

/** What is known of what was asked for. */
export interface FeedState {
  /** Of which address these answers are; undefined: nothing came yet. */
  readonly address: Address | undefined;
  readonly now: Answered;
  /** Of the time before; undefined: not asked for, or nothing came. */
  readonly before: Answered | undefined;
  /** Said to the reader; what was known is kept. */
  readonly problem: string | undefined;
  /** When the answers came, since the epoch. */
  readonly updatedMs: number | undefined;
  /** Another address was chosen, and its answers are on their way. */
  readonly isLoading: boolean;
}

export const NOTHING_YET: FeedState = {
  ...{ address: undefined, now: {}, before: undefined, problem: undefined, updatedMs: undefined },
  isLoading: true,
};

export interface Wanted {
  readonly address: Address;
  readonly names: readonly AnswerName[];
}

export interface FeedComponents {
  readonly ask: Ask;
  /** Since the epoch. */
  readonly nowMs: () => number;
  /** Calls once, after so long; what it gives takes that back. */
  readonly after: (ms: number, run: () => void) => () => void;
  /** A page that nobody sees asks for nothing. */
  readonly isHidden: () => boolean;
  readonly onState: (state: FeedState) => void;
}

const REFRESH_MS = 5000;
/** What is summed up over days changes slowly, and costs the edge more. */
const SLOW_REFRESH_MS = 30_000;
const SHORT_MS = 2 * 3_600_000;

/** Asks again and again for what the page shows. The last answers stay until newer ones are there, also on failure. */
export class Feed {
  readonly #components: FeedComponents;
  #state: FeedState = NOTHING_YET;
  #wanted: Wanted | undefined;
  #asking = new AbortController();
  #cancel: () => void = () => undefined;

  constructor(components: FeedComponents) {
    this.#components = components;
  }

  /** From now on these are asked for. */
  follow(wanted: Wanted): void {
    const isSame = this.#wanted !== undefined && nameOf(this.#wanted) === nameOf(wanted);
    this.#wanted = wanted;
    if (isSame) return;
    this.#tell({ ...this.#state, isLoading: true });
    void this.refresh();
  }

  /** Now, and then regularly. */
  async refresh(): Promise<void> {
    const wanted = this.#wanted;
    if (wanted === undefined) return;
    this.#cancel();
    this.#asking.abort();
    this.#asking = new AbortController();
    const { signal } = this.#asking;
    const state = await this.#asked(wanted, signal);
    if (signal.aborted) return;
    this.#tell(state);
    const range = rangeOf(state.now);
    const isShort = range === undefined || range.toMs - range.fromMs <= SHORT_MS;
    const wait = isShort || state.problem !== undefined ? REFRESH_MS : SLOW_REFRESH_MS;
    this.#cancel = this.#components.after(wait, () => {
      if (!this.#components.isHidden()) void this.refresh();
    });
  }

  async #asked({ address, names }: Wanted, signal: AbortSignal): Promise<FeedState> {
    try {
      const now = await this.#answers(address, names, signal);
      const range = rangeOf(now);
      const before =
        address.compare && range !== undefined
          ? await this.#answers(address, names, signal, previousSpan(range))
          : undefined;
      const updatedMs = this.#components.nowMs();
      return { address, now, before, problem: undefined, updatedMs, isLoading: false };
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error);
      return { ...this.#state, problem, isLoading: false };
    }
  }

  async #answers(
    address: Address,
    names: readonly AnswerName[],
    signal: AbortSignal,
    time?: ReturnType<typeof previousSpan>,
  ): Promise<Answered> {
    const { ask } = this.#components;
    const pairs = names.map(async (name) => [name, await ask(questionOf(name, address, time), signal)]);
    return Object.fromEntries(await Promise.all(pairs));
  }

  #tell(state: FeedState): void {
    this.#state = state;
    this.#components.onState(state);
  }
}

/** Two addresses that ask for the same are one: how it is sorted or counted is the page's own affair. */
function nameOf({ address, names }: Wanted): string {
  return `${writeAddress({ ...address, units: 'GB', sort: undefined, find: '' })} ${names.join(' ')}`;
}
