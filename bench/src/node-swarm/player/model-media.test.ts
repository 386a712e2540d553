import { beforeEach, describe, expect, it } from 'vitest';
import { ModelMedia } from './model-media.js';

let now: number;
let timers: { at: number; run: () => void }[];
let media: ModelMedia;
let events: string[];

function advance(ms: number): void {
  const end = now + ms;
  for (;;) {
    const due = timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
    if (due === undefined) break;
    timers = timers.filter((timer) => timer !== due);
    now = due.at;
    due.run();
  }
  now = end;
}

beforeEach(() => {
  now = 5_000;
  timers = [];
  events = [];
  media = new ModelMedia({
    clock: { now: () => now },
    timers: {
      after: (ms, run) => {
        const timer = { at: now + ms, run };
        timers.push(timer);
        return () => {
          timers = timers.filter((other) => other !== timer);
        };
      },
    },
  });
  for (const name of ['playing', 'waiting', 'pause']) {
    media.addEventListener(name, ({ type }) => events.push(type));
  }
});

describe('ModelMedia', () => {
  it('plays from where it was put, by the clock, once something is there', () => {
    media.startAt(100);
    advance(700);
    expect(media).toMatchObject({ currentTime: 100, readyState: 0, stalls: 0 });
    media.append(102);
    advance(1_500);
    expect(media).toMatchObject({ currentTime: 101.5, bufferedEnd: 102, readyState: 4 });
    expect(events).toEqual(['playing']);
  });

  it('stands still at the end of what is buffered, until there is more', () => {
    media.append(2);
    advance(3_000);
    expect(media).toMatchObject({ currentTime: 2, readyState: 2, stalls: 1, stalledMs: 1_000 });
    media.append(4);
    advance(500);
    expect(media).toMatchObject({ currentTime: 2.5, readyState: 4, stalls: 1, stalledMs: 1_000 });
    expect(events).toEqual(['playing', 'waiting', 'playing']);
  });

  it('does not stall while it is fed in time', () => {
    media.append(2);
    for (let end = 4; end <= 20; end += 2) {
      advance(1_900);
      media.append(end);
    }
    expect(media.stalls).toBe(0);
  });

  it('leaves nothing behind when it stops', () => {
    media.append(2);
    media.stop();
    expect(timers).toEqual([]);
    expect(events).toEqual(['playing', 'pause']);
  });
});
