import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { EddySession } from '../index.js';
import { FakeShaka, FakeShakaPlayer, shakaRequest } from './fakes.js';
import { attachEddyToShaka } from './index.js';
import type { ShakaOperation, ShakaRequest, ShakaSegment } from './shaka-api.js';

const BASE = 'https://a.example/film/';
const SEGMENT_TYPE = 1;

function segment(name: string, range: readonly [number, number | null] = [0, null]): ShakaSegment {
  return {
    getUris: () => [`${BASE}${name}`],
    getStartTime: () => 2,
    getEndTime: () => 4,
    getStartByte: () => range[0],
    getEndByte: () => range[1],
  };
}

/** The room is out of reach. */
class SilentSocket extends EventTarget {
  close(): void {}
}

let shaka: FakeShaka;
let player: FakeShakaPlayer;
let session: EddySession;

/** What Shaka does with a request of the player: filters, then the plugin of its scheme. */
function ask(
  name: string,
  changes: Partial<ShakaRequest> = {},
  context: object = { type: 1, stream: { type: 'video', bandwidth: 8_000 }, segment: segment(name) },
): { readonly operation: ShakaOperation; readonly progress: number[][] } {
  const request = { ...shakaRequest(`${BASE}${name}`), ...changes };
  player.filter(SEGMENT_TYPE, request, context);
  const progress: number[][] = [];
  const plugin = shaka.schemes.get('https');
  if (plugin === undefined) throw new Error('no plugin');
  const operation = plugin(
    `${BASE}${name}`,
    request,
    SEGMENT_TYPE,
    (...told) => progress.push(told),
    () => {},
    {},
  );
  operation.promise.catch(() => {});
  return { operation, progress };
}

describe('attachEddyToShaka', () => {
  beforeEach(() => {
    vi.stubGlobal('document', Object.assign(new EventTarget(), { baseURI: BASE }));
    vi.stubGlobal('addEventListener', () => {});
    vi.stubGlobal('removeEventListener', () => {});
    vi.stubGlobal('WebSocket', SilentSocket);
    shaka = new FakeShaka();
    player = new FakeShakaPlayer();
    // Node has neither a page nor WebRTC: the session is off, and everything is loaded by the wrapped loader.
    session = attachEddyToShaka(player, shaka.namespace, { beacons: false });
    player.assetUri = `${BASE}master.m3u8`;
    player.playlist('#EXTM3U\n#EXTINF:2,\n0.m4s\n#EXTINF:2,\n1.m4s\n#EXT-X-ENDLIST', `${BASE}v.m3u8`);
  });
  afterEach(() => {
    session.destroy();
    vi.unstubAllGlobals();
  });

  it('loads a named segment through the SDK, and asks the edge with the plugin of Shaka', async () => {
    const { operation, progress } = ask('1.m4s', { headers: { authorization: 'yes' } });
    expect(shaka.asked).toHaveLength(1);
    expect(shaka.asked[0]?.request.headers).toEqual({ authorization: 'yes' });
    shaka.asked[0]?.answer(new Uint8Array(5), 200);
    const { data, headers, originalUri } = await operation.promise;
    expect({ bytes: data.byteLength, headers, originalUri }).toEqual({
      ...{ bytes: 5, headers: { 'x-from': 'edge' }, originalUri: `${BASE}1.m4s` },
    });
    expect(progress.map(([, bytes, remaining]) => [bytes, remaining])).toEqual([[5, 0]]);
    expect(session.stats().edgeBytes).toBe(5);
  });

  it('knows the segments of a presentation that is one media playlist', async () => {
    player.playlist('#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nv.m3u8', `${BASE}master.m3u8`, 3);
    player.playlist('#EXTM3U\n#EXTINF:2,\nother.m4s', `${BASE}only.m3u8`, 3);
    const part = { streamDataCallback: async () => {} };
    const { operation } = ask('other.m4s', part);
    shaka.asked[0]?.answer(new Uint8Array(5), 200);
    await operation.promise;
    expect(session.stats().edgeBytes).toBe(5);
  });

  it('hands on the error of the plugin itself, so that Shaka retries as without', async () => {
    const { operation } = ask('1.m4s');
    shaka.asked[0]?.fail(1001, `${BASE}1.m4s`, 503);
    await expect(operation.promise).rejects.toMatchObject({ code: 1001, data: [`${BASE}1.m4s`, 503] });
  });

  it('ends the request that runs when Shaka aborts', async () => {
    const { operation } = ask('1.m4s');
    await operation.abort();
    await expect(operation.promise).rejects.toMatchObject({ code: 7001 });
    expect(shaka.asked[0]?.aborted).toBe(true);
  });

  it.each([
    ['an init segment', {}, { type: 0, stream: { type: 'video' } }],
    ['the beginning of a stream', {}, { type: 1 }],
    ['what no playlist named', {}, { type: 1, stream: { type: 'video' }, segment: segment('other.m4s') }],
  ])('loads %s as without, and counts it', async (_, changes, context) => {
    const { operation } = ask('1.m4s', { headers: { Range: 'bytes=0-4' }, ...changes }, context);
    expect(shaka.asked[0]?.request.headers).toEqual({ Range: 'bytes=0-4' });
    shaka.asked[0]?.answer(new Uint8Array(5), 200);
    await operation.promise;
    expect(session.stats().edgeBytes).toBe(5);
  });

  it('streams nothing to Shaka of what may come from others', () => {
    ask('1.m4s', { streamDataCallback: async () => {} });
    expect(shaka.asked[0]?.request.streamDataCallback).toBeNull();
  });

  const stream = { streamDataCallback: async () => {} };
  const part = segment('1.m4s', [0, 9]);
  it.each([
    ['text', {}, { type: 1, stream: { type: 'text' }, segment: segment('1.m4s') }],
    ['another method', { method: 'HEAD' }, undefined],
    ['a part that is appended as it comes', stream, { type: 1, stream: { type: 'video' }, segment: part }],
  ])('leaves %s to Shaka, request and all', async (_, changes, context) => {
    const { operation } = ask('1.m4s', changes, context);
    expect(shaka.asked[0]?.request).toMatchObject(changes);
    shaka.asked[0]?.answer(new Uint8Array(5), 200);
    await operation.promise;
    expect(session.stats().edgeBytes).toBe(0);
  });

  it('gives the same session again, and a new one after it was destroyed', () => {
    expect(attachEddyToShaka(player, shaka.namespace)).toBe(session);
    session.destroy();
    session = attachEddyToShaka(player, shaka.namespace, { beacons: false });
    expect(session.stats().state).not.toBe('destroyed');
    expect(player.requestFilters.size).toBe(1);
  });

  it('ends with the player, whose own destroy it leaves as it was', async () => {
    await player.destroy();
    await player.destroy();
    expect(session.stats().state).toBe('destroyed');
    expect(player.destroyed).toBe(2);
    expect(player.requestFilters.size + player.responseFilters.size).toBe(0);
  });

  it('asks with the plugin that the page names', async () => {
    const own = new FakeShaka();
    const named = own.namespace.net.HttpFetchPlugin.parse;
    shaka = new FakeShaka();
    player = new FakeShakaPlayer();
    session.destroy();
    session = attachEddyToShaka(player, shaka.namespace, { beacons: false, httpPlugin: named });
    ask('1.m4s');
    expect([own.asked.length, shaka.asked.length]).toEqual([1, 0]);
  });
});
