import type { Beat } from './beat.js';
import type { Member } from './members.js';

interface Entry {
  readonly beat: Beat;
  readonly heardAtMs: number;
}

/** The others, as far as they were heard. Knows no clock: whoever calls says what time it is. */
export class MemberBook {
  readonly #entries = new Map<string, Entry>();

  /** By name. */
  get members(): Member[] {
    return [...this.#entries.values()]
      .map(({ beat }) => beat.member)
      .sort((one, other) => (one.name < other.name ? -1 : 1));
  }

  has(instance: string): boolean {
    for (const { beat } of this.#entries.values()) if (beat.instance === instance) return true;
    return false;
  }

  /** True where it changes who is there, where, or in which state. */
  hear(beat: Beat, nowMs: number): boolean {
    const { name } = beat.member;
    const before = this.#entries.get(name)?.beat;
    const isLater = before === undefined || beat.startedAtMs >= before.startedAtMs;
    if (beat.says === 'goodbye') {
      return before?.instance === beat.instance && this.#entries.delete(name);
    }
    // An earlier run of the same edge, on its way out, or another edge that was given the same name.
    if (before !== undefined && before.instance !== beat.instance && !isLater) return false;
    this.#entries.set(name, { beat, heardAtMs: nowMs });
    return before === undefined || before.instance !== beat.instance || standing(before) !== standing(beat);
  }

  /** Those not heard of since then are gone. True: there were some. */
  dropSilent(sinceMs: number): boolean {
    let dropped = false;
    for (const [name, { heardAtMs }] of this.#entries) {
      if (heardAtMs >= sinceMs) continue;
      this.#entries.delete(name);
      dropped = true;
    }
    return dropped;
  }

  /** This edge itself heard nothing for a while, which says nothing about them. */
  excuse(nowMs: number): void {
    for (const [name, { beat }] of this.#entries) this.#entries.set(name, { beat, heardAtMs: nowMs });
  }
}

/** All but the load. */
function standing({ member: { load: _, ...rest } }: Beat): string {
  return JSON.stringify([rest.name, rest.pop, rest.publicUrl, rest.siblingUrl, rest.role, rest.state]);
}
