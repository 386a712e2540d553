import { decodeFrame, encodeFrame, type SequenceRun } from '@eddy/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { settle } from '../testing/fake-time.js';
import { Announcements, runsOf } from './announcements.js';
import { announcementFrames, News } from './news.js';

const run = fc.record({ first: fc.nat(200), count: fc.integer({ min: 0, max: 30 }) });
const news = fc.array(fc.record({ kind: fc.constantFrom('have', 'lost'), runs: fc.array(run) }));
const numbersOf = (runs: readonly SequenceRun[]): number[] =>
  runs.flatMap(({ first, count }) => Array.from({ length: count }, (_, index) => first + index));

describe('announcements', () => {
  it('know what a set of numbers would know', () => {
    fc.assert(
      fc.property(news, (said) => {
        const announcements = new Announcements();
        const truth = new Set<number>();
        for (const { kind, runs } of said) {
          if (kind === 'have') {
            announcements.have(1, runs);
            for (const sequence of numbersOf(runs)) truth.add(sequence);
          } else {
            announcements.lost(1, runs);
            for (const sequence of numbersOf(runs)) truth.delete(sequence);
          }
        }
        for (let sequence = 0; sequence < 240; sequence++) {
          expect(announcements.has({ rendition: 1, sequence })).toBe(truth.has(sequence));
        }
        expect(announcements.has({ rendition: 2, sequence: 0 })).toBe(false);
      }),
    );
  });

  it('are bounded: the oldest runs, renditions and claims are forgotten', () => {
    const announcements = new Announcements();
    for (let sequence = 0; sequence < 600; sequence += 2) {
      announcements.have(1, [{ first: sequence, count: 1 }]);
    }
    expect(announcements.has({ rendition: 1, sequence: 0 })).toBe(false);
    expect(announcements.has({ rendition: 1, sequence: 598 })).toBe(true);
    for (let rendition = 2; rendition < 70; rendition++) {
      announcements.have(rendition, [{ first: 0, count: 1 }]);
    }
    expect(announcements.has({ rendition: 1, sequence: 598 })).toBe(false);
    expect(announcements.has({ rendition: 69, sequence: 0 })).toBe(true);
    for (let sequence = 0; sequence < 300; sequence++) {
      announcements.claim({ rendition: 1, sequence }, sequence);
    }
    expect(announcements.claimedAt({ rendition: 1, sequence: 0 }, 300)).toBeUndefined();
    expect(announcements.claimedAt({ rendition: 1, sequence: 299 }, 300)).toBe(299);
  });

  it('are not believed of who claimed twice and brought nothing', () => {
    const announcements = new Announcements();
    const claimed = (sequence: number, now: number): unknown =>
      announcements.claimedAt({ rendition: 1, sequence }, now);
    announcements.claim({ rendition: 1, sequence: 1 }, 0);
    announcements.have(1, [{ first: 1, count: 1 }]);
    for (const sequence of [2, 3]) announcements.claim({ rendition: 1, sequence }, 1_000);
    announcements.claim({ rendition: 1, sequence: 4 }, 9_000);
    // Said again it is no younger.
    announcements.claim({ rendition: 1, sequence: 3 }, 8_000);
    expect(claimed(4, 9_000)).toBe(9_000);
    expect(claimed(4, 9_001)).toBeUndefined();
    // A segment that comes after all makes good.
    announcements.have(1, [{ first: 3, count: 1 }]);
    expect(claimed(4, 9_001)).toBe(9_000);
  });

  it('come as the fewest runs', () => {
    expect(runsOf([5, 3, 4, 9, 1, 4])).toEqual([
      { first: 1, count: 1 },
      { first: 3, count: 3 },
      { first: 9, count: 1 },
    ]);
    expect(runsOf([])).toEqual([]);
  });

  it('fit the wire, however scattered', () => {
    const names = Array.from({ length: 1000 }, (_, index) => ({ rendition: index % 2, sequence: index * 3 }));
    const frames = announcementFrames('have', names);
    expect(frames).toHaveLength(4);
    const announcements = new Announcements();
    for (const frame of frames) {
      const heard = decodeFrame(encodeFrame(frame));
      if (heard.type === 'have') announcements.have(heard.rendition, heard.runs);
    }
    expect(announcements.has({ rendition: 1, sequence: 999 * 3 })).toBe(true);
  });
});

describe('news', () => {
  it('are told once a turn, the last word on each segment', async () => {
    const told: unknown[] = [];
    const news = new News((frames) => told.push(frames));
    for (const sequence of [1, 2, 3]) news.tell({ rendition: 1, sequence }, true);
    news.tell({ rendition: 1, sequence: 2 }, false);
    expect(told).toEqual([]);
    await settle();
    expect(told).toEqual([
      [
        {
          type: 'have',
          rendition: 1,
          runs: [
            { first: 1, count: 1 },
            { first: 3, count: 1 },
          ],
        },
        { type: 'lost', rendition: 1, runs: [{ first: 2, count: 1 }] },
      ],
    ]);
    news.tell({ rendition: 1, sequence: 4 }, true);
    await settle();
    expect(told).toHaveLength(2);
  });
});
