import { describe, expect, it } from 'vitest';
import { nextReload, type Reload } from './reload.js';

const reload: Reload = {
  requestScheduled: 10_000,
  requestedAt: 10_003,
  now: 10_030,
  updated: true,
  targetSeconds: 4,
  lastSegmentSeconds: 4,
  behindEdgeSeconds: 12,
};

describe('nextReload', () => {
  it('keeps its phase while the playlist grows, whatever a request takes', () => {
    expect(nextReload(reload)).toBe(14_000);
    expect(nextReload({ ...reload, requestScheduled: -1 })).toBe(14_003);
  });

  it('comes back after half a target duration where nothing is new', () => {
    expect(nextReload({ ...reload, updated: false })).toBe(12_000);
  });

  it('follows a last segment that is shorter, near the live edge alone', () => {
    expect(nextReload({ ...reload, lastSegmentSeconds: 2 })).toBe(12_000);
    expect(nextReload({ ...reload, lastSegmentSeconds: 2, behindEdgeSeconds: 17 })).toBe(14_000);
  });

  it('asks at once when it is late', () => {
    expect(nextReload({ ...reload, now: 15_000 })).toBe(15_000);
  });
});
