import { PING_PATH } from '@eddy/protocol';
import { z } from 'zod';
import type { Random, Timers } from '../components.js';
import type { Health } from './decide.js';

/** What an edge says of itself at `PING_PATH`. */
export interface ProbeWord {
  readonly health: Health;
  /** Of what it may send; undefined: it does not say. */
  readonly load: number | undefined;
}

/** Gets a small JSON body. @throws anything where there is none in time. */
export type AskPing = (url: string, timeoutMs: number) => Promise<unknown>;

export interface ProbesComponents {
  readonly timers: Timers;
  readonly random: Random;
  readonly ask: AskPing;
  /** It has become another. */
  readonly onChange: (url: string, health: Health) => void;
}

export interface ProbesOptions {
  /** Base URLs, without a slash at the end. */
  readonly urls: readonly string[];
  readonly everyMs: number;
}

const TIMEOUT_MS = 2_000;
/** One lost packet is no outage, and one answer no recovery. */
const IN_A_ROW = 2;
/** Each wait is this much longer or shorter at most, so that edges do not ask in step. */
const JITTER = 0.2;

const WORD = z.object({
  health: z.enum(['well', 'draining', 'ill']),
  load: z.number().min(0).max(1_000).optional(),
});

interface Probe {
  word: ProbeWord | undefined;
  /** Of the same answer that is not believed yet. */
  unlike: { readonly health: Health; readonly times: number } | undefined;
  cancel: () => void;
}

/** Asks each PoP of a list how it is, one light request at a time. */
export class Probes {
  readonly #components: ProbesComponents;
  readonly #everyMs: number;
  readonly #probes: ReadonlyMap<string, Probe>;
  #closed = false;

  constructor(components: ProbesComponents, { urls, everyMs }: ProbesOptions) {
    this.#components = components;
    this.#everyMs = everyMs;
    const idle = (): Probe => ({ word: undefined, unlike: undefined, cancel: () => {} });
    this.#probes = new Map([...new Set(urls)].map((url) => [url, idle()]));
    for (const [url, probe] of this.#probes) this.#schedule(url, probe, components.random() * everyMs);
  }

  /** Undefined: nobody has heard of it yet. */
  wordOf(url: string): ProbeWord | undefined {
    return this.#probes.get(url)?.word;
  }

  close(): void {
    this.#closed = true;
    for (const { cancel } of this.#probes.values()) cancel();
  }

  #schedule(url: string, probe: Probe, afterMs: number): void {
    if (this.#closed) return;
    probe.cancel = this.#components.timers.after(afterMs, () => void this.#ask(url, probe));
  }

  async #ask(url: string, probe: Probe): Promise<void> {
    const { ask, random } = this.#components;
    const answer = await ask(url + PING_PATH, TIMEOUT_MS).catch(() => undefined);
    if (this.#closed) return;
    const word = WORD.safeParse(answer);
    this.#note(
      url,
      probe,
      word.success ? { load: undefined, ...word.data } : { health: 'ill', load: undefined },
    );
    this.#schedule(url, probe, this.#everyMs * (1 + JITTER * (2 * random() - 1)));
  }

  #note(url: string, probe: Probe, word: ProbeWord): void {
    const before = probe.word?.health ?? 'well';
    if (word.health === before) {
      probe.word = word;
      probe.unlike = undefined;
      return;
    }
    const times = probe.unlike?.health === word.health ? probe.unlike.times + 1 : 1;
    probe.unlike = { health: word.health, times };
    // An edge that says so itself is believed at once.
    if (times < IN_A_ROW && word.health !== 'draining') return;
    probe.word = word;
    probe.unlike = undefined;
    this.#components.onChange(url, word.health);
  }
}
