import { describe, expect, it } from 'vitest';
import { EDGE, Ledger, OTHERS, REMEMBERED_SEGMENTS } from './ledger.js';

describe('ledger of a page with several viewers', () => {
  it('knows who gave how much to whom', () => {
    const ledger = new Ledger();
    ledger.add('A', { edgeBytes: 100, peers: {} });
    ledger.add('B', { edgeBytes: 10, peers: { A: 70, [OTHERS]: 20 } });
    ledger.add('B', { edgeBytes: 0, peers: { A: 30 } });
    expect(ledger.given('B', 'A')).toBe(100);
    expect(ledger.given('A', 'B')).toBe(0);
    expect(ledger.received('B')).toBe(130);
    expect(ledger.sent('A')).toBe(100);
    expect(ledger.names()).toEqual(['A', 'B']);
    expect(ledger.totals()).toEqual({ all: 230, edge: 110, peers: 120 });
  });

  it('says what a segment is made of, the edge first, nothing of those who gave nothing', () => {
    const ledger = new Ledger();
    expect(ledger.add('C', { edgeBytes: 5, peers: { B: 1, A: 2, D: 0 } })).toEqual([
      { source: EDGE, bytes: 5 },
      { source: 'A', bytes: 2 },
      { source: 'B', bytes: 1 },
    ]);
    expect(ledger.add('C', { edgeBytes: 0, peers: {} })).toEqual([]);
    expect(ledger.recent('C')).toHaveLength(1);
  });

  it('remembers the last segments, and all sums', () => {
    const ledger = new Ledger();
    for (let bytes = 1; bytes <= REMEMBERED_SEGMENTS + 2; bytes++) {
      ledger.add('A', { edgeBytes: bytes, peers: {} });
    }
    expect(ledger.recent('A')).toHaveLength(REMEMBERED_SEGMENTS);
    expect(ledger.recent('A')[0]).toEqual([{ source: EDGE, bytes: 3 }]);
    expect(ledger.received('A')).toBe(((REMEMBERED_SEGMENTS + 2) * (REMEMBERED_SEGMENTS + 3)) / 2);
  });
});
