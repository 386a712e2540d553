import { describe, expect, it } from 'vitest';
import { type EntryFacts, LruIndex } from './lru-index.js';

function facts(key: string, touchedSeconds = 0): EntryFacts {
  return { key, tags: 't', headerBytes: 100, bodyBytes: 1000, touchedSeconds };
}

function drain(index: LruIndex): string[] {
  const keys: string[] = [];
  for (let entry = index.oldest; entry !== undefined; entry = index.oldest) {
    keys.push(entry.key);
    index.remove(entry);
  }
  return keys;
}

describe('LruIndex', () => {
  it('has the least recently used first', () => {
    const index = new LruIndex({ graspSeconds: 10 });
    const [a] = ['a', 'b', 'c'].map((key) => index.put(facts(key)));
    if (a !== undefined) index.use(a);
    index.put(facts('b'));
    expect(drain(index)).toEqual(['c', 'a', 'b']);
  });

  it('counts whole blocks, replaces once and forgets what is gone', () => {
    const index = new LruIndex({ graspSeconds: 10 });
    const first = index.put(facts('a'));
    const second = index.put(facts('a'));
    expect([index.size, index.bytes, first.gone, second.gone]).toEqual([1, 4096, true, false]);
    index.use(first);
    expect(index.remove(first)).toBe(false);
    expect(index.remove(second)).toBe(true);
    expect([index.size, index.bytes, index.oldest]).toEqual([0, 0, undefined]);
  });

  it('brings what is found into the order of its times, below what is used meanwhile', () => {
    const index = new LruIndex({ graspSeconds: 10 });
    for (const [key, time] of [
      ['n', 95],
      ['old', 5],
      ['mid', 50],
      ['used', 1],
      ['removed', 2],
    ] as const) {
      index.putFound(facts(key, time));
    }
    index.put(facts('written', 0));
    const used = index.peek('used');
    const removed = index.peek('removed');
    if (used !== undefined) index.use(used);
    if (removed !== undefined) index.remove(removed);
    index.joinFound();
    expect(drain(index)).toEqual(['old', 'mid', 'n', 'written', 'used']);
  });

  it('finds nothing is fine too', () => {
    const index = new LruIndex({ graspSeconds: 10 });
    index.joinFound();
    index.putFound(facts('only', 3));
    index.joinFound();
    expect(drain(index)).toEqual(['only']);
  });
});
