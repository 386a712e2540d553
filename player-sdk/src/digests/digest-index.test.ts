import { encodeDigestBlock, type SegmentDigest } from '@eddy/protocol';
import { beforeEach, describe, expect, it } from 'vitest';
import { FakeRoom } from '../testing/fake-room.js';
import { type FakeTime, fakeTime, settle } from '../testing/fake-time.js';
import type { FetchBlock } from './block-reader.js';
import { DigestIndex, type DigestOptions } from './digest-index.js';
import type { SegmentLocation } from './digests.js';

const PLAYLIST = '/v/720p/index.m3u8';

const location = (sequence: number, change: Partial<SegmentLocation> = {}): SegmentLocation => ({
  path: `/v/720p/${sequence}.m4s`,
  sequence,
  playlistPath: PLAYLIST,
  live: false,
  ...change,
});
const digest = (path: string, change: Partial<SegmentDigest> = {}): SegmentDigest => ({
  path,
  start: 0,
  bytes: 1000,
  root: new Uint8Array(32).fill(path.length),
  ...change,
});

type Reply = { status: number; body?: Uint8Array<ArrayBuffer> } | 'hang' | 'fail';

describe('digest index', () => {
  let time: FakeTime;
  let room: FakeRoom;
  let fetched: string[];
  let replies: Map<string, Reply>;
  let arrivals: number;
  beforeEach(() => {
    time = fakeTime();
    room = new FakeRoom();
    fetched = [];
    replies = new Map();
    arrivals = 0;
  });

  const fetch: FetchBlock = async (url, { signal }) => {
    fetched.push(url);
    const reply = replies.get(new URL(url).pathname) ?? { status: 404 };
    if (reply === 'fail') throw new TypeError('the network is gone');
    if (reply === 'hang') {
      return new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(new Error('aborted')));
      });
    }
    const { status, body = new Uint8Array(0) } = reply;
    return { ok: status === 200, status, arrayBuffer: async () => body.slice().buffer };
  };

  function open(options: Partial<DigestOptions> = {}): DigestIndex {
    const index = new DigestIndex({ ...time, room, fetch }, { edge: 'https://edge.example', ...options });
    index.onArrival(() => arrivals++);
    return index;
  }

  const wants = (): string[][] =>
    room.sent.flatMap((message) =>
      message.type === 'want-digests' ? [message.segments.map(({ path }) => path)] : [],
    );

  it('reads a published block once, for all that is in it', async () => {
    const block = encodeDigestBlock([digest('0.m4s'), digest('1.m4s'), digest('/elsewhere/2.m4s')]);
    replies.set('/v/720p/index.digests/0.bin', { status: 200, body: block });
    const index = open();
    expect(index.find(location(0))).toBeUndefined();
    index.want(location(0));
    index.want(location(0));
    index.want(location(1));
    await settle();
    expect(arrivals).toBe(1);
    expect(index.find(location(0))?.path).toBe('/v/720p/0.m4s');
    expect(index.find(location(1))).toBeDefined();
    expect(index.find(location(2, { path: '/elsewhere/2.m4s' }))).toBeDefined();
    index.want(location(1));
    await settle();
    expect(fetched).toEqual(['https://edge.example/v/720p/index.digests/0.bin']);
    expect(wants()).toEqual([]);
  });

  it('reads the block that covers the sequence number, with the query that it is told', async () => {
    const index = open({ blockQuery: (playlist) => `?for=${playlist.length}` });
    index.want(location(600));
    await settle();
    expect(fetched).toEqual(['https://edge.example/v/720p/index.digests/2.bin?for=18']);
  });

  it.each<[string, Reply]>([
    ['is none', { status: 404 }],
    ['is not one', { status: 200, body: Uint8Array.of(1, 2, 3) }],
    ['is too large', { status: 200, body: new Uint8Array(400_000) }],
    ['does not name the segment', { status: 200, body: encodeDigestBlock([digest('9.m4s')]) }],
  ])('asks the room when the block %s, in one message, once', async (_what, reply) => {
    replies.set('/v/720p/index.digests/0.bin', reply);
    room.admit('me');
    const index = open();
    for (const sequence of [1, 2, 1]) index.want(location(sequence));
    await settle();
    expect(wants()).toEqual([['/v/720p/1.m4s', '/v/720p/2.m4s']]);
    index.want(location(2));
    index.want(location(3));
    await settle();
    expect(wants().slice(1)).toEqual([['/v/720p/3.m4s']]);
    expect(fetched).toHaveLength(1);
    room.tell((events) => events.onDigests?.([digest('/v/720p/1.m4s')]));
    expect(index.find(location(1))).toBeDefined();
  });

  it.each<[string, Reply]>([
    ['is refused for now', { status: 503 }],
    ['cannot be reached', 'fail'],
  ])('asks the room when the edge %s, and tries again later, ever more slowly', async (_what, reply) => {
    replies.set('/v/720p/index.digests/0.bin', reply);
    room.admit('me');
    const index = open();
    const tries: number[] = [];
    for (let second = 0; second < 60; second++) {
      const before = fetched.length;
      index.want(location(1));
      await settle();
      if (fetched.length > before) tries.push(second);
      await time.advance(1_000);
    }
    expect(tries).toEqual([0, 5, 15, 35]);
    expect(wants().length).toBeGreaterThan(0);
    replies.set('/v/720p/index.digests/0.bin', { status: 200, body: encodeDigestBlock([digest('1.m4s')]) });
    await time.advance(60_000);
    index.want(location(1));
    await settle();
    expect(index.find(location(1))).toBeDefined();
  });

  it('does not wait for ever for a block', async () => {
    replies.set('/v/720p/index.digests/0.bin', 'hang');
    room.admit('me');
    const index = open();
    index.want(location(1));
    await time.advance(7_999);
    expect(wants()).toEqual([]);
    await time.advance(1);
    expect(wants()).toEqual([['/v/720p/1.m4s']]);
  });

  it('asks the room for live segments', async () => {
    room.admit('me');
    const index = open();
    const range = { start: 500, bytes: 1000 };
    index.want(location(7, { live: true, range }));
    await settle();
    expect(fetched).toEqual([]);
    expect(room.sent).toEqual([{ type: 'want-digests', segments: [{ path: '/v/720p/7.m4s', range }] }]);
  });

  it('asks again for what did not come, after a while or when it has joined anew', async () => {
    room.admit('me');
    const index = open();
    const live = location(7, { live: true });
    index.want(live);
    await time.advance(9_999);
    index.want(live);
    await settle();
    expect(wants()).toHaveLength(1);
    await time.advance(1);
    index.want(live);
    await settle();
    expect(wants()).toHaveLength(2);
    room.admit('me-again');
    await settle();
    expect(wants()).toHaveLength(3);
    room.tell((events) => events.onDigests?.([digest('/v/720p/7.m4s')]));
    room.admit('me-again-again');
    await settle();
    expect(wants()).toHaveLength(3);
  });

  it('asks as soon as it has joined for what was wanted before', async () => {
    const index = open();
    index.want(location(7, { live: true }));
    await settle();
    expect(wants()).toEqual([]);
    room.admit('me');
    await settle();
    expect(wants()).toEqual([['/v/720p/7.m4s']]);
  });

  it('splits what is too much for one message', async () => {
    room.admit('me');
    const index = open();
    for (let sequence = 0; sequence < 300; sequence++) index.want(location(sequence, { live: true }));
    await settle();
    expect(wants().map(({ length }) => length)).toEqual([256, 44]);
  });

  it('tells byte ranges of one resource apart, and takes no digest of another length', async () => {
    const index = open();
    const path = '/v/720p/all.mp4';
    room.tell((events) =>
      events.onDigests?.([digest(path, { start: 0, bytes: 10 }), digest(path, { start: 10, bytes: 20 })]),
    );
    const ranged = (start: number, bytes: number): SegmentLocation =>
      location(1, { path, range: { start, bytes } });
    expect(index.find(ranged(0, 10))?.bytes).toBe(10);
    expect(index.find(ranged(10, 20))?.bytes).toBe(20);
    expect(index.find(ranged(10, 21))).toBeUndefined();
    expect(index.find(ranged(20, 20))).toBeUndefined();
  });

  it('forgets a segment that was replaced, and believes only the room about it', async () => {
    const block = encodeDigestBlock([digest('0.m4s'), digest('1.m4s')]);
    replies.set('/v/720p/index.digests/0.bin', { status: 200, body: block });
    room.admit('me');
    const index = open();
    index.want(location(0));
    await settle();
    index.forget(location(0));
    expect(index.find(location(0))).toBeUndefined();
    await settle();
    expect(wants()).toEqual([['/v/720p/0.m4s']]);
    const replaced = digest('/v/720p/0.m4s', { bytes: 7 });
    room.tell((events) => events.onDigests?.([replaced]));
    expect(index.find(location(0))).toEqual(replaced);
    expect(index.find(location(1))).toBeDefined();
  });

  it('believes only the room about it also where the block is read later', async () => {
    const block = encodeDigestBlock([digest('0.m4s'), digest('1.m4s')]);
    replies.set('/v/720p/index.digests/0.bin', { status: 200, body: block });
    const index = open();
    index.forget(location(0));
    index.want(location(1));
    await settle();
    expect(index.find(location(1))).toBeDefined();
    expect(index.find(location(0))).toBeUndefined();
  });

  it('takes no relative path from the room', () => {
    const index = open();
    room.tell((events) => events.onDigests?.([digest('v/720p/1.m4s')]));
    expect(arrivals).toBe(0);
    expect(index.find(location(1))).toBeUndefined();
  });

  it('is bounded: the oldest are forgotten', () => {
    const index = open();
    for (let sequence = 0; sequence < 9_000; sequence++) {
      room.tell((events) => events.onDigests?.([digest(`/v/720p/${sequence}.m4s`)]));
    }
    expect(index.find(location(0))).toBeUndefined();
    expect(index.find(location(8_999))).toBeDefined();
  });

  it('is silent after it was closed', async () => {
    replies.set('/v/720p/index.digests/0.bin', 'hang');
    room.admit('me');
    const index = open();
    index.want(location(1));
    index.close();
    index.want(location(2, { live: true }));
    await time.advance(60_000);
    expect([arrivals, wants()]).toEqual([0, []]);
    expect(time.pending).toBe(0);
  });

  it('takes a live name that stands for another sequence now for unknown, and asks again', async () => {
    room.admit('me');
    const index = open();
    const first = location(1, { live: true, path: '/v/720p/a.m4s' });
    const later = { ...first, sequence: 9 };
    index.want(first);
    await settle();
    room.tell((events) => events.onDigests?.([digest(first.path)]));
    expect(index.find(first)).toBeDefined();
    expect(index.find(later)).toBeUndefined();
    index.want(later);
    await settle();
    expect(room.sent).toHaveLength(2);
    expect(index.find(later)).toBeUndefined();
    const replaced = digest(first.path, { bytes: 77 });
    room.tell((events) => events.onDigests?.([replaced]));
    expect(index.find(later)).toEqual(replaced);
    // Whoever still asks about the earlier one must not be told of this.
    expect(index.find(first)).toBeUndefined();
  });

  it('forgets what was purged, and asks the room for it from then on, whatever is published', async () => {
    const path = '/v/720p/index.digests/0.bin';
    const body = encodeDigestBlock([digest('1.m4s'), digest('2.m4s')]);
    replies.set(path, { status: 200, body });
    const index = open();
    index.want(location(1));
    await settle();
    expect(index.find(location(1))).toBeDefined();
    room.state = 'joined';
    room.tell((events) => events.onPurged?.({ paths: ['/v/720p/1.m4s'], prefixes: ['/v/480p/'] }));
    expect(index.find(location(1))).toBeUndefined();
    expect(index.find(location(2))).toBeDefined();
    index.want(location(1));
    const other = { playlistPath: '/v/480p/index.m3u8', path: '/v/480p/1.m4s' };
    index.want(location(1, other));
    await settle();
    const asked = room.sent.flatMap((message) => (message.type === 'want-digests' ? message.segments : []));
    expect(asked).toEqual([{ path: '/v/720p/1.m4s' }, { path: '/v/480p/1.m4s' }]);
    expect(fetched).toHaveLength(1);
    room.tell((events) => events.onDigests?.([digest('/v/720p/1.m4s', { bytes: 7 })]));
    expect(index.find(location(1))?.bytes).toBe(7);
  });

  it('does not believe a block that was on its way when its segments were purged', async () => {
    const body = encodeDigestBlock([digest('1.m4s'), digest('2.m4s')]);
    replies.set('/v/720p/index.digests/0.bin', { status: 200, body });
    const index = open();
    index.want(location(1));
    room.tell((events) => events.onPurged?.({ paths: ['/v/720p/1.m4s'], prefixes: [] }));
    await settle();
    expect(index.find(location(1))).toBeUndefined();
    expect(index.find(location(2))).toBeDefined();
  });
});
