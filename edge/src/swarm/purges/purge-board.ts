import { MAX_PATH_BYTES, MAX_PURGED_LISTED, PURGES_REMEMBERED_MS, type Purged } from '@eddy/protocol';
import type { Clock, Timers } from '../../components.js';
import type { PurgedNames } from '../../purge/purge.js';

export interface PurgeBoardComponents {
  readonly timers: Timers;
  /** Monotonic. */
  readonly clock: Clock;
  /** All that was purged since the last time. */
  readonly onPurged: (names: PurgedNames) => void;
}

/** Purges come in bursts; players hear of them together. */
const GATHER_MS = 250;
/** Remembered for players that are away, all names together. */
const MAX_REMEMBERED = 8192;
/** Names hit at once beyond which folders are told instead, and then everything. */
const MAX_TOLD = 512;
const EVERYTHING: PurgedNames = { paths: [], prefixes: ['/'] };

interface Remembered {
  readonly atMs: number;
  readonly names: PurgedNames;
}

/** Gathers purges, and remembers them for those who come back. */
export class PurgeBoard {
  readonly #components: PurgeBoardComponents;
  readonly #paths = new Set<string>();
  readonly #prefixes = new Set<string>();
  #remembered: Remembered[] = [];
  #rememberedNames = 0;
  /** Purges before it are not remembered any more. */
  #forgottenUntilMs = Number.NEGATIVE_INFINITY;
  #cancel: (() => void) | undefined;

  constructor(components: PurgeBoardComponents) {
    this.#components = components;
  }

  note({ paths, prefixes }: PurgedNames): void {
    for (const path of paths) this.#paths.add(path);
    for (const prefix of prefixes) this.#prefixes.add(prefix);
    if (this.#paths.size + this.#prefixes.size === 0) return;
    this.#cancel ??= this.#components.timers.after(GATHER_MS, () => this.#publish());
  }

  /** What one that was away for `awayMs` has missed. */
  missed(awayMs: number): PurgedNames {
    const since = this.#components.clock.now() - awayMs - GATHER_MS;
    if (awayMs >= PURGES_REMEMBERED_MS || since < this.#forgottenUntilMs) return EVERYTHING;
    const names = this.#remembered.filter(({ atMs }) => atMs >= since).map(({ names: those }) => those);
    return {
      paths: names.flatMap(({ paths }) => paths),
      prefixes: names.flatMap(({ prefixes }) => prefixes),
    };
  }

  close(): void {
    this.#cancel?.();
  }

  #publish(): void {
    this.#cancel = undefined;
    const names = { paths: [...this.#paths], prefixes: [...this.#prefixes] };
    this.#paths.clear();
    this.#prefixes.clear();
    const nowMs = this.#components.clock.now();
    this.#remembered.push({ atMs: nowMs, names });
    this.#rememberedNames += countOf(names);
    this.#forget(nowMs);
    this.#components.onPurged(names);
  }

  #forget(nowMs: number): void {
    let gone = 0;
    for (const { atMs, names } of this.#remembered) {
      const old = atMs < nowMs - PURGES_REMEMBERED_MS;
      if (!old && this.#rememberedNames <= MAX_REMEMBERED) break;
      if (!old) this.#forgottenUntilMs = atMs + 1;
      this.#rememberedNames -= countOf(names);
      gone++;
    }
    this.#remembered = this.#remembered.slice(gone);
  }
}

/**
 * The same for the players of one site, as few messages. `mayHear`: of nothing else is this player told; it is asked
 * about names without the site's prefix.
 */
export function purgedMessages(
  { paths, prefixes }: PurgedNames,
  sitePrefix: string,
  mayHear: (name: string, kind: 'path' | 'prefix') => boolean,
): Purged[] {
  const own = (names: readonly string[], kind: 'path' | 'prefix'): string[] =>
    names.flatMap((name) => {
      if (!name.startsWith(sitePrefix)) return [];
      const rest = name.slice(sitePrefix.length);
      return rest.startsWith('/') && rest.length <= MAX_PATH_BYTES && mayHear(rest, kind) ? [rest] : [];
    });
  // Everything is everybody's: it tells nothing.
  const ownPrefixes = prefixes.includes('/') ? ['/'] : own(prefixes, 'prefix');
  const { files, folders } = shortened(own(paths, 'path'));
  const all = [...ownPrefixes, ...folders];
  const messages: Purged[] = [];
  const listed = [
    ...(all.length > MAX_TOLD ? ['/'] : all).map((prefix) => ({ prefix })),
    ...files.map((path) => ({ path })),
  ];
  for (let at = 0; at < listed.length; at += LISTED) {
    const some = listed.slice(at, at + LISTED);
    messages.push({
      type: 'purged',
      paths: some.flatMap((item) => ('path' in item ? [item.path] : [])),
      prefixes: some.flatMap((item) => ('prefix' in item ? [item.prefix] : [])),
    });
  }
  return messages;
}

/** The longest paths must fit into one message. */
const LISTED = MAX_PURGED_LISTED / 2;

function shortened(paths: readonly string[]): { files: readonly string[]; folders: readonly string[] } {
  if (paths.length <= MAX_TOLD) return { files: paths, folders: [] };
  return { files: [], folders: [...new Set(paths.map((path) => path.slice(0, path.lastIndexOf('/') + 1)))] };
}

function countOf({ paths, prefixes }: PurgedNames): number {
  return paths.length + prefixes.length;
}
