import type { Clock, Timers } from '../../components.js';
import type { TokenAlgorithm } from '../../config/access-config.js';
import { parseKeys, type VerifyKey } from './key-set.js';

/** Reads the text that keys are in. Undefined: it is what it was the last time. Throws where it cannot be had. */
export type ReadKeys = () => Promise<string | undefined>;

export interface KeySourceComponents {
  readonly read: ReadKeys;
  readonly timers: Timers;
  /** Monotonic. */
  readonly clock: Clock;
  /** Keys could not be read; those that were known stay. */
  readonly onError: (error: unknown) => void;
  /** Other keys than before: what was verified with them is to be verified again. */
  readonly onChange: () => void;
}

export interface KeySourceOptions {
  readonly algorithms: readonly TokenAlgorithm[];
  readonly refreshMs: number;
}

/** Tokens that name unknown keys make it look again at most this often. */
const IMPATIENT_MS = 15_000;

/** The keys that tokens are verified with, looked at again every so often. While they cannot be read the old ones stay. */
export class KeySource {
  readonly #components: KeySourceComponents;
  readonly #options: KeySourceOptions;
  #keys: readonly VerifyKey[] = [];
  #text: string | undefined;
  #reading: Promise<void> | undefined;
  #readAtMs = Number.NEGATIVE_INFINITY;
  #cancelTimer: () => void = () => {};
  #closed = false;

  constructor(components: KeySourceComponents, options: KeySourceOptions) {
    this.#components = components;
    this.#options = options;
  }

  /** Reads for the first time, and from then on every `refreshMs`. @throws where the first time fails. */
  async open(): Promise<void> {
    await this.#read();
    this.#plan();
  }

  /** Looks at once, as SIGHUP asks for. Does not throw. */
  reload(): Promise<void> {
    this.#reading ??= this.#read()
      .catch((error: unknown) => this.#components.onError(error))
      .finally(() => {
        this.#reading = undefined;
      });
    return this.#reading;
  }

  /** Keys that may have signed a token with this header. */
  candidates(algorithm: string, id: string | undefined): readonly VerifyKey[] {
    return this.#keys.filter(
      (key) => key.algorithm === algorithm && (id === undefined || key.id === undefined || key.id === id),
    );
  }

  /** As `candidates`; where there is none the source is asked again first, if that was not done lately. */
  async find(algorithm: string, id: string | undefined): Promise<readonly VerifyKey[]> {
    const known = this.candidates(algorithm, id);
    if (known.length > 0 || this.#closed) return known;
    if (this.#reading === undefined && this.#components.clock.now() - this.#readAtMs < IMPATIENT_MS)
      return known;
    await this.reload();
    return this.candidates(algorithm, id);
  }

  close(): void {
    this.#closed = true;
    this.#cancelTimer();
  }

  async #read(): Promise<void> {
    this.#readAtMs = this.#components.clock.now();
    const text = await this.#components.read();
    if (text === undefined || text === this.#text) return;
    const keys = await parseKeys(text, this.#options.algorithms);
    this.#keys = keys;
    this.#text = text;
    this.#components.onChange();
  }

  #plan(): void {
    if (this.#closed) return;
    this.#cancelTimer = this.#components.timers.after(this.#options.refreshMs, () => {
      void this.reload().then(() => this.#plan());
    });
  }
}
