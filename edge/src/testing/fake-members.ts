import { Listeners } from '../bus/listeners.js';
import type { Member, MemberTable } from '../cluster/members.js';

export const member = (name: string, changes: Partial<Member> = {}): Member => ({
  ...{ name, pop: 'fra', publicUrl: undefined, siblingUrl: undefined, role: 'edge', state: 'ready' },
  load: { egressBytesPerSecond: 0, egressLimitBytesPerSecond: 0, viewers: 0, originWell: true },
  ...changes,
});

/** Who is there is what the test says. */
export class FakeMembers implements MemberTable {
  readonly #listeners = new Listeners<[]>();
  #all: readonly Member[];

  constructor(self: Member, others: readonly Member[] = []) {
    this.#all = [self, ...others];
  }

  all(): readonly Member[] {
    return this.#all;
  }

  setOthers(others: readonly Member[]): void {
    this.#all = [...this.#all.slice(0, 1), ...others];
    this.#listeners.tell();
  }

  update(changes: Partial<Pick<Member, 'state' | 'load'>>): void {
    const [self, ...others] = this.#all;
    if (self === undefined) return;
    this.#all = [{ ...self, ...changes }, ...others];
    if (changes.state !== undefined) this.#listeners.tell();
  }

  onChange(listener: () => void): () => void {
    return this.#listeners.add(listener);
  }
}
