import { describe, expect, it } from 'vitest';
import { PlaylistSchedule } from './playlist-schedule.js';

describe('PlaylistSchedule', () => {
  it('keeps its phase while each answer is new', () => {
    const schedule = new PlaylistSchedule(2_000);
    expect(schedule.next({ requestedAt: 100, now: 130, updated: true })).toBe(2_100);
    expect(schedule.next({ requestedAt: 2_100, now: 2_150, updated: true })).toBe(4_100);
  });

  it('asks again after half a target duration when nothing is new', () => {
    const schedule = new PlaylistSchedule(2_000);
    schedule.next({ requestedAt: 100, now: 130, updated: true });
    expect(schedule.next({ requestedAt: 2_100, now: 2_130, updated: false })).toBe(3_100);
    expect(schedule.next({ requestedAt: 3_100, now: 3_130, updated: true })).toBe(5_100);
  });

  it('asks at once when an answer took longer than that', () => {
    const schedule = new PlaylistSchedule(2_000);
    schedule.next({ requestedAt: 100, now: 130, updated: true });
    expect(schedule.next({ requestedAt: 2_100, now: 4_500, updated: true })).toBe(4_500);
  });
});
