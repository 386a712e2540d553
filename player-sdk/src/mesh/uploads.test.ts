import type { PeerFrame } from '@eddy/protocol';
import { beforeEach, describe, expect, it } from 'vitest';
import type { HeldSegment } from '../swarm/swarm.js';
import { type FakeTime, fakeTime } from '../testing/fake-time.js';
import { testSegment } from '../testing/media.js';
import { type Lane, Uploads, type UploadsOptions } from './uploads.js';

const CHUNK = 65_536;

/** An asker behind a channel that takes as much as the test says. */
class Asker {
  readonly frames: PeerFrame[] = [];
  readonly lane: Lane;
  /** Bytes that leave the channel each millisecond; undefined: all at once. */
  room = Number.POSITIVE_INFINITY;
  bufferedBytes = 0;
  #nextId = 1;

  constructor(uploads: Uploads, order: { asker: Asker; frame: PeerFrame }[] = []) {
    const self = this;
    this.lane = uploads.open({
      send: (frame) => {
        this.frames.push(frame);
        order.push({ asker: this, frame });
        this.room--;
        return this.room > 0;
      },
      get bufferedBytes() {
        return self.bufferedBytes;
      },
    });
  }

  ask(segment: HeldSegment, count: number = segment.leaves.length, leaves = false): number {
    const id = this.#nextId++;
    this.lane.request({ type: 'request', id, root: segment.digest.root, first: 0, count, leaves });
    return id;
  }

  get chunks(): number {
    return this.frames.filter(({ type }) => type === 'chunk').length;
  }

  get refusals(): string[] {
    return this.frames.flatMap((frame) => (frame.type === 'refuse' ? [frame.reason] : []));
  }
}

describe('uploads', () => {
  let time: FakeTime;
  let segment: HeldSegment;
  beforeEach(async () => {
    time = fakeTime();
    segment = await testSegment(1, 10 * CHUNK);
  });

  function open(bytesPerSecond = 0, options: UploadsOptions = {}): Uploads {
    const uploads = new Uploads({ ...time, find: () => segment }, options);
    uploads.allow({ enabled: true, bytesPerSecond });
    return uploads;
  }

  it('keeps to the cap, whatever the number of askers, and shares it evenly', async () => {
    const unbounded = Number.POSITIVE_INFINITY;
    const uploads = open(1_000_000, { maxQueueMs: unbounded, maxCopies: unbounded });
    const askers = [new Asker(uploads), new Asker(uploads), new Asker(uploads)];
    for (const asker of askers) for (let round = 0; round < 8; round++) asker.ask(segment);
    for (let second = 1; second <= 10; second++) {
      await time.advance(1000);
      const burst = 2 * CHUNK;
      expect(uploads.uploadedBytes).toBeLessThanOrEqual(second * 1_000_000 + burst);
      expect(uploads.uploadedBytes).toBeGreaterThan(second * 1_000_000 - CHUNK);
      const counts = askers.map(({ chunks }) => chunks);
      // The first had its burst before the others asked.
      expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(3);
    }
  });

  it('serves askers in turn, a chunk each, so that a short answer does not wait for a long one', async () => {
    const uploads = open(1_000_000, { maxQueueMs: Number.POSITIVE_INFINITY });
    const order: { asker: Asker; frame: PeerFrame }[] = [];
    const [long, short] = [new Asker(uploads, order), new Asker(uploads, order)];
    long.ask(segment);
    short.ask(segment, 2);
    await time.advance(2_000);
    const turns = order.map(({ asker }) => (asker === long ? 'long' : 'short')).join(' ');
    expect(turns).toMatch(/^long long long short long short( long){6}$/);
  });

  it('serves no more than so many at once', async () => {
    const uploads = open(1_000_000, { servedAtOnce: 2, maxQueueMs: Number.POSITIVE_INFINITY });
    const askers = [new Asker(uploads), new Asker(uploads), new Asker(uploads)];
    for (const asker of askers) asker.ask(segment);
    await time.advance(500);
    expect(askers.map(({ chunks }) => chunks > 0)).toEqual([true, true, false]);
    await time.advance(2_000);
    expect(askers.map(({ chunks }) => chunks)).toEqual([10, 10, 10]);
  });

  it('refuses when the others would delay the answer for long, and only then', async () => {
    const uploads = open(1_000_000);
    const [first, second, third] = [new Asker(uploads), new Asker(uploads), new Asker(uploads)];
    first.ask(segment);
    first.ask(segment);
    expect(first.refusals).toEqual([]);
    // While one chunk is answered, the first asker gets one more: 66 ms. While ten are, ten more: 655 ms.
    second.ask(segment, 10);
    expect(second.refusals).toEqual(['busy']);
    second.ask(segment, 1);
    expect(second.refusals).toEqual(['busy']);
    third.ask(segment, 1);
    expect(third.refusals).toEqual([]);
    await time.advance(5_000);
    second.ask(segment, 10);
    expect(second.refusals).toEqual(['busy']);
    expect([first.chunks, second.chunks, third.chunks]).toEqual([20, 3, 1]);
  });

  it('counts what lies in the channels already', async () => {
    const uploads = open();
    const [slow, other] = [new Asker(uploads), new Asker(uploads)];
    slow.room = 4;
    slow.bufferedBytes = 4 * CHUNK;
    slow.ask(segment);
    // 262,144 bytes at the 10 Mbit/s that are assumed: 210 ms.
    other.ask(segment, 1);
    expect(other.refusals).toEqual(['busy']);
    slow.bufferedBytes = CHUNK;
    other.ask(segment, 1);
    expect(other.refusals).toEqual(['busy']);
  });

  it('bounds the requests of one asker', () => {
    const uploads = open(1_000, { maxRequestsPerPeer: 3 });
    const asker = new Asker(uploads);
    for (let round = 0; round < 5; round++) asker.ask(segment);
    expect(asker.refusals).toEqual(['limit', 'limit']);
  });

  it('waits for room in the channel, without holding up the others', async () => {
    const uploads = open(0, { servedAtOnce: 1, maxQueueMs: Number.POSITIVE_INFINITY });
    const [stuck, other] = [new Asker(uploads), new Asker(uploads)];
    stuck.room = 3;
    stuck.ask(segment);
    expect(stuck.chunks).toBe(3);
    other.ask(segment);
    expect(other.chunks).toBe(10);
    stuck.room = Number.POSITIVE_INFINITY;
    await time.advance(1000);
    expect(stuck.chunks).toBe(3);
    stuck.lane.drained();
    expect(stuck.chunks).toBe(10);
  });

  it('does not refuse the others for one that does not read', async () => {
    const uploads = open();
    const [stuck, other] = [new Asker(uploads), new Asker(uploads)];
    stuck.room = 4;
    stuck.bufferedBytes = 4 * CHUNK;
    stuck.ask(segment);
    other.ask(segment);
    expect(other.refusals).toEqual(['busy']);
    await time.advance(1_000);
    other.ask(segment);
    expect(other.refusals).toEqual(['busy']);
    expect(other.chunks).toBe(10);
  });

  it('sends nothing more of a cancelled answer, and goes on with the next', async () => {
    const uploads = open(1_000_000);
    const asker = new Asker(uploads);
    const first = asker.ask(segment, 10, true);
    const second = asker.ask(segment, 1);
    await time.advance(100);
    const before = asker.frames.length;
    expect(before).toBeGreaterThan(2);
    asker.lane.cancel(first);
    asker.lane.cancel(77);
    await time.advance(2_000);
    expect(asker.frames.slice(before)).toMatchObject([{ type: 'chunk', id: second, index: 0 }]);
  });

  it('sends nothing to an asker that has gone', async () => {
    const uploads = open(1_000_000);
    const asker = new Asker(uploads);
    asker.ask(segment);
    const before = asker.frames.length;
    asker.lane.close();
    await time.advance(2_000);
    expect(asker.frames).toHaveLength(before);
    expect(time.pending).toBe(0);
  });

  it('refuses all that is queued when uploads are turned off', async () => {
    const uploads = open(1_000_000);
    const asker = new Asker(uploads);
    asker.ask(segment);
    asker.ask(segment);
    const before = asker.chunks;
    uploads.allow({ enabled: false, bytesPerSecond: 1_000_000 });
    asker.ask(segment);
    await time.advance(2_000);
    expect(asker.refusals).toEqual(['off', 'off', 'off']);
    expect(asker.chunks).toBe(before);
  });

  it('goes on at once when the cap is lifted', async () => {
    const uploads = open(1_000);
    const asker = new Asker(uploads);
    asker.ask(segment);
    await time.advance(1_000);
    expect(asker.chunks).toBeLessThan(4);
    uploads.allow({ enabled: true, bytesPerSecond: 0 });
    expect(asker.chunks).toBe(10);
  });
});
