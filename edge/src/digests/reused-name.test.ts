import { expect, it } from 'vitest';
import { mayBeReplaced } from './reused-name.js';

const NOW = 1_000_000;

function segment(freshMs: number, ageMs: number): Parameters<typeof mayBeReplaced>[0] {
  return {
    lifetime: { freshMs, staleWhileRevalidateMs: 0, staleIfErrorMs: 0 },
    receivedAtMs: NOW - ageMs,
    // As much of a head as its age needs.
    head: { initialAgeMs: 0 } as Parameters<typeof mayBeReplaced>[0]['head'],
  };
}

it('doubts a segment that has outlived a short life, and no other', () => {
  expect(mayBeReplaced(segment(3_000, 4_000), NOW)).toBe(true);
  expect(mayBeReplaced(segment(3_000, 2_000), NOW)).toBe(false);
  expect(mayBeReplaced(segment(60_000, 61_000), NOW)).toBe(true);
  expect(mayBeReplaced(segment(3_600_000, 4_000_000), NOW)).toBe(false);
  expect(mayBeReplaced(segment(0, 4_000), NOW)).toBe(false);
});
