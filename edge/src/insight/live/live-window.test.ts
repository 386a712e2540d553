import { describe, expect, it } from 'vitest';
import { sampleFact } from '../sample-beacon.js';
import { LiveWindow } from './live-window.js';

describe('the live window', () => {
  it('holds sessions and bytes of the last 30 seconds', () => {
    const live = new LiveWindow({ maxSessions: 10 });
    live.record(sampleFact({ session: 'a' }), 1_000_000);
    live.record(sampleFact({ session: 'b', stream: '/w' }), 1_010_000);
    live.record(sampleFact({ session: 'a' }), 1_010_500);
    expect(live.figures(1_011_000)).toEqual({
      viewers: 2,
      edgeBytesPerSecond: 100,
      peerBytesPerSecond: 300,
    });
    expect(live.viewersByStream(1_011_000)).toEqual(
      new Map([
        ['/v/main.m3u8', 1],
        ['/w', 1],
      ]),
    );
    expect(live.figures(1_039_999)).toMatchObject({ viewers: 2, edgeBytesPerSecond: 2000 / 30 });
    expect(live.figures(1_040_200)).toMatchObject({ viewers: 1 });
    expect(live.figures(1_100_000)).toEqual({ viewers: 0, edgeBytesPerSecond: 0, peerBytesPerSecond: 0 });
  });

  it('is bounded', () => {
    const live = new LiveWindow({ maxSessions: 3 });
    for (let index = 0; index < 10; index++) live.record(sampleFact({ session: `s${index}` }), 1000 + index);
    expect(live.figures(2000).viewers).toBe(3);
  });
});
