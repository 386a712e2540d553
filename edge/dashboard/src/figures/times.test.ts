import { describe, expect, it } from 'vitest';
import { dayField, dayStart, stepLabel, Times, tickSteps } from './times.js';

const HOUR = 3600;
const DAY = 24 * HOUR;
const AT = Date.UTC(2026, 10, 26, 13, 5) / 1000;

describe('times on the page', () => {
  const times = new Times('en-GB', 'UTC');

  it.each([
    [HOUR, '13:05'],
    [2 * DAY, '13:05'],
    [7 * DAY, 'Thu 26'],
    [90 * DAY, '26 Nov'],
    [3 * 365 * DAY, 'Nov 26'],
  ])('of %d s say as much as an axis needs', (span, shown) => expect(times.tick(span, AT)).toBe(shown));

  it('say the day where steps are days', () => {
    expect(times.step(DAY, AT)).toBe('26 Nov 2026');
    expect(times.step(60, AT)).toMatch(/26.*Nov.*13:05/);
    expect(times.span(AT * 1000, (AT + 7 * DAY) * 1000)).toMatch(/^26 Nov.*3 Dec 2026$/);
    expect(times.span(AT * 1000, (AT + HOUR) * 1000)).toContain('13:05');
    expect(times.span(AT * 1000, (AT + HOUR) * 1000)).not.toContain('2026');
    expect(times.span(AT * 1000, (AT + HOUR) * 1000, (AT + 60 * DAY) * 1000)).toContain('2026');
    expect(new Times('en-US', 'Asia/Tokyo').clock(AT * 1000)).toBe('22:05:00');
  });

  it('have ticks by the day where they are called by it', () => {
    expect(tickSteps(HOUR)[0]).toBe(60);
    expect(tickSteps(7 * DAY)[0]).toBe(DAY);
  });

  it('name steps', () => {
    expect([60, 600, HOUR, 6 * HOUR, DAY, 14 * DAY].map(stepLabel)).toEqual([
      'by minute',
      'by 10 minutes',
      'by hour',
      'by 6 hours',
      'by day',
      'by 14 days',
    ]);
  });

  it('come from date fields and go back to them', () => {
    const start = dayStart('2026-11-26') ?? 0;
    expect(dayField(start)).toBe('2026-11-26');
    expect(dayField(dayStart('2026-11-30', 1) ?? 0)).toBe('2026-12-01');
    expect(dayStart('')).toBeUndefined();
  });
});
