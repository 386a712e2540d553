import { beforeEach, describe, expect, it } from 'vitest';
import { type FakeTime, fakeTime } from '../testing/fake-time.js';
import { PlaybackWatch } from './playback-watch.js';

class FakeMedia extends EventTarget {
  paused = false;
  seeking = false;
  ended = false;
  readyState = 0;

  happen(...names: string[]): void {
    for (const name of names) this.dispatchEvent(new Event(name));
  }
}

let time: FakeTime;
let media: FakeMedia;
let watch: PlaybackWatch;

beforeEach(() => {
  time = fakeTime();
  media = new FakeMedia();
  watch = new PlaybackWatch(time.clock);
  watch.watch(media);
});

function figures(): number[] {
  return [watch.watchedMs, watch.rebufferMs, watch.rebuffers];
}

describe('watching a playback', () => {
  it('counts no rebuffer before the first frame', () => {
    media.happen('waiting');
    time.advanceSync(2_000);
    media.happen('playing');
    time.advanceSync(1_000);
    expect(figures()).toEqual([1_000, 0, 0]);
  });

  it('counts from the beginning where the picture moves already, and not where it is paused', () => {
    let begun = 0;
    const late = new PlaybackWatch(time.clock, () => begun++);
    media.readyState = 3;
    media.paused = true;
    late.watch(media);
    expect(begun).toBe(0);
    media.paused = false;
    late.watch(media);
    time.advanceSync(1_000);
    expect([begun, late.watchedMs]).toEqual([1, 1_000]);
  });

  it('counts a stall and the time it took', () => {
    media.happen('playing');
    time.advanceSync(1_000);
    media.happen('waiting');
    time.advanceSync(300);
    expect(figures()).toEqual([1_000, 300, 1]);
    media.happen('timeupdate');
    time.advanceSync(200);
    media.happen('playing');
    time.advanceSync(400);
    expect(figures()).toEqual([1_400, 500, 1]);
  });

  it('tells once how long starting took, and how long each starvation that has ended', () => {
    time.advanceSync(750);
    media.happen('playing');
    time.advanceSync(1_000);
    media.happen('waiting');
    time.advanceSync(300);
    expect(watch.takeStarvationsMs()).toEqual([]);
    media.happen('playing');
    time.advanceSync(1_000);
    media.happen('waiting');
    time.advanceSync(20);
    watch.release();
    expect([watch.takeStartupMs(), watch.takeStartupMs()]).toEqual([750, undefined]);
    expect([watch.takeStarvationsMs(), watch.takeStarvationsMs()]).toEqual([[300, 20], []]);
  });

  it('counts neither pauses nor seeks', () => {
    media.happen('playing');
    time.advanceSync(1_000);
    media.paused = true;
    media.happen('pause');
    time.advanceSync(5_000);
    media.paused = false;
    media.happen('playing');
    media.seeking = true;
    media.happen('seeking', 'waiting');
    time.advanceSync(700);
    media.seeking = false;
    media.happen('timeupdate');
    time.advanceSync(100);
    expect(figures()).toEqual([1_100, 0, 0]);
  });

  it('ends with the media element', () => {
    media.happen('playing');
    time.advanceSync(1_000);
    watch.release();
    media.happen('waiting');
    time.advanceSync(1_000);
    expect(figures()).toEqual([1_000, 0, 0]);
  });
});
