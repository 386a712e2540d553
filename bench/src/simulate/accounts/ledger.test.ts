import { describe, expect, it } from 'vitest';
import { type Asker, EdgeLedger } from './ledger.js';

const asker = (changes: Partial<Asker> = {}): Asker => ({
  index: 0,
  started: true,
  stalled: false,
  neighbours: [{ index: 1 }, { index: 2 }],
  knowsDigest: () => true,
  ...changes,
});

describe('EdgeLedger', () => {
  it('tells why the edge is asked by who has or fetches the segment', () => {
    const ledger = new EdgeLedger();
    expect(ledger.reasonOf(asker({ started: false }), 7)).toBe('start-up');
    expect(ledger.reasonOf(asker({ stalled: true }), 7)).toBe('stalled');
    expect(ledger.reasonOf(asker({ neighbours: [] }), 7)).toBe('alone');
    expect(ledger.reasonOf(asker(), 7)).toBe('first');
    ledger.fetches(3, 7);
    expect(ledger.reasonOf(asker(), 7)).toBe('unseen');
    ledger.fetches(2, 7);
    expect(ledger.reasonOf(asker(), 7)).toBe('duplicate');
    ledger.has(2, 7);
    ledger.endsFetch(2, 7);
    expect(ledger.reasonOf(asker(), 7)).toBe('late');
    expect(ledger.reasonOf(asker({ knowsDigest: () => false }), 7)).toBe('no-digest');
    expect(ledger.reasonOf(asker(), 8)).toBe('first');
  });

  it('forgets who left', () => {
    const ledger = new EdgeLedger();
    ledger.has(1, 7);
    ledger.fetches(2, 7);
    ledger.leaves(1);
    ledger.leaves(2);
    expect(ledger.reasonOf(asker(), 7)).toBe('first');
  });
});
