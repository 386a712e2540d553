import { brotliCompressSync, gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { FakeUpstream, fakeResponse } from '../testing/fake-upstream.js';
import { bareAnswer } from '../upstream/answer.js';
import type { UpstreamRequest, UpstreamResponse } from '../upstream/upstream.js';
import { UpstreamError } from '../upstream/upstream-error.js';
import { steered } from './playlist.js';
import { withSteering } from './with-steering.js';

const MASTER = '#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n720.m3u8\n';
const STEERED = steered(MASTER, '/v/m.m3u8', 'fra') ?? '';
const MEDIA = '#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\n1.ts\n';

type Pieces = readonly (string | Buffer | Error)[];

interface Asked {
  readonly answer: UpstreamResponse;
  readonly body: Buffer;
  readonly sent: UpstreamRequest;
}

async function ask(
  request: Partial<UpstreamRequest>,
  respond: UpstreamResponse | { readonly fields?: readonly string[]; readonly pieces: Pieces },
): Promise<Asked> {
  const response = 'status' in respond ? respond : fakeResponse(200, respond.fields ?? [], respond.pieces);
  const upstream = new FakeUpstream(() => response);
  const signal = new AbortController().signal;
  const answer = await withSteering(upstream, 'fra').fetch(
    { path: '/v/m.m3u8', query: '', ...request },
    signal,
  );
  const pieces: Buffer[] = [];
  for await (const piece of answer.body) pieces.push(piece);
  return { answer, body: Buffer.concat(pieces), sent: upstream.asked[0] ?? { path: '', query: '' } };
}

const tagOf = ({ headers }: UpstreamResponse): string => headers.etag ?? '';

describe('an upstream with steering', () => {
  it('gives multivariant playlists with steering, their own length and their own tag', async () => {
    const fields = [
      'Content-Length',
      String(MASTER.length),
      'ETag',
      '"v1"',
      'Content-MD5',
      'x',
      'X-Own',
      '1',
    ];
    const { answer, body } = await ask({}, { fields, pieces: [MASTER.slice(0, 20), MASTER.slice(20)] });
    expect(body.toString()).toBe(STEERED);
    expect(answer.headers).toMatchObject({ 'content-length': String(STEERED.length), 'x-own': '1' });
    expect(answer.headers).not.toHaveProperty('content-md5');
    expect(tagOf(answer)).toMatch(/^"v1-s[0-9a-f]{8}"$/);
    expect(answer.fields.filter((name) => name.toLowerCase() === 'etag')).toHaveLength(1);
  });

  it('gives a tag after the bytes where the origin gives none', async () => {
    const [one, other] = [MASTER, MASTER.replace('=1', '=2')];
    const tags = await Promise.all(
      [one, one, other].map(async (text) => tagOf((await ask({}, { pieces: [text] })).answer)),
    );
    expect(tags[0]).toMatch(/^"eddy\.[0-9a-f]{16}-s[0-9a-f]{8}"$/);
    expect(tags[1]).toBe(tags[0]);
    expect(tags[2]).not.toBe(tags[0]);
  });

  it('leaves all else as it came: playlists of segments, segments, other answers, what is too large', async () => {
    const large = `${MASTER}${'#'.repeat(600_000)}\n`;
    const cases: readonly (readonly [string, string])[] = [
      ['/v/m.m3u8', MEDIA],
      ['/v/m.m3u8', 'no playlist'],
      ['/v/m.m3u8', large],
      ['/v/m.m4s', MASTER],
    ];
    for (const [path, text] of cases) {
      const { answer, body } = await ask({ path }, { fields: ['ETag', '"v1"'], pieces: [text] });
      expect(body.toString()).toBe(text);
      expect(answer.fields).toEqual(['ETag', '"v1"']);
    }
    const missing = await ask({}, fakeResponse(404, [], [MASTER]));
    expect([missing.answer.status, missing.body.toString()]).toEqual([404, MASTER]);
  });

  it('hands on a playlist of segments as soon as it is known to be one', async () => {
    const later = new UpstreamError('origin-cut', 'later');
    const upstream = new FakeUpstream(() => fakeResponse(200, [], [MEDIA, later]));
    const answer = await withSteering(upstream, 'fra').fetch(
      { path: '/v/m.m3u8', query: '' },
      new AbortController().signal,
    );
    const pieces = answer.body[Symbol.asyncIterator]();
    expect((await pieces.next()).value?.toString()).toBe(MEDIA);
    await expect(pieces.next()).rejects.toBe(later);
  });

  it('changes what comes compressed, and sends it compressed', async () => {
    for (const [coding, pack] of [
      ['gzip', gzipSync],
      ['br', brotliCompressSync],
    ] as const) {
      const fields = ['Content-Encoding', coding];
      const { answer, body } = await ask({}, { fields, pieces: [pack(MASTER)] });
      expect(answer.headers['content-length']).toBe(String(body.length));
      if (coding === 'gzip') expect(gunzipSync(body).toString()).toBe(STEERED);
      else expect(body.equals(pack(STEERED))).toBe(true);
    }
    for (const fields of [
      ['Content-Encoding', 'zstd'],
      ['Content-Encoding', 'gzip'],
    ]) {
      expect((await ask({}, { fields, pieces: [MASTER] })).body.toString()).toBe(MASTER);
    }
  });

  it('asks for all of it where a part or only the head is wanted', async () => {
    const part = await ask(
      { range: { start: 0, end: 9 }, ifRange: '"v1"', fields: ['Range', 'bytes=0-9', 'A', 'b'] },
      { pieces: [MASTER] },
    );
    expect(part.sent).toEqual({ method: 'GET', path: '/v/m.m3u8', query: '', fields: ['A', 'b'] });
    expect(part.body.toString()).toBe(STEERED);
    const head = await ask({ method: 'HEAD' }, { pieces: [MASTER] });
    expect([head.sent.method, head.body.length]).toEqual(['GET', 0]);
    expect(head.answer.headers['content-length']).toBe(String(STEERED.length));
  });
});

describe('a condition', () => {
  it('reaches the origin with its own tag, and a 304 comes back with ours', async () => {
    const { answer: first } = await ask({}, { fields: ['ETag', '"v1"'], pieces: [MASTER] });
    const unlessEtag = tagOf(first);
    const since = 'Mon, 02 Mar 2026 10:00:00 GMT';
    const again = await ask({ unlessEtag, unlessModifiedSince: since }, bareAnswer(304, ['ETag', '"v1"']));
    expect(again.sent).toMatchObject({ unlessEtag: '"v1"', unlessModifiedSince: since });
    expect(tagOf(again.answer)).toBe(unlessEtag);
    const weak = await ask({}, { fields: ['ETag', 'W/"v1"'], pieces: [MASTER] });
    const weakly = await ask({ unlessEtag: tagOf(weak.answer) }, bareAnswer(304, ['ETag', 'W/"v1"']));
    expect([weakly.sent.unlessEtag, tagOf(weakly.answer)]).toEqual(['W/"v1"', tagOf(weak.answer)]);
  });

  it('goes by date where the origin has no tags', async () => {
    const { answer: first } = await ask({}, { pieces: [MASTER] });
    const again = await ask({ unlessEtag: tagOf(first), unlessModifiedSince: 'a date' }, bareAnswer(304));
    expect(again.sent).toMatchObject({ unlessEtag: undefined, unlessModifiedSince: 'a date' });
    expect(again.answer.headers).not.toHaveProperty('etag');
  });

  it('is dropped where what is held names another pathway', async () => {
    const upstream = new FakeUpstream(() => fakeResponse(200, ['ETag', '"v1"'], [MASTER]));
    const signal = new AbortController().signal;
    const request = { path: '/v/m.m3u8', query: '' };
    const theirs = await withSteering(upstream, 'nyc').fetch(request, signal);
    const { sent, body } = await ask(
      { unlessEtag: tagOf(theirs), unlessModifiedSince: 'a date', fields: ['If-None-Match', tagOf(theirs)] },
      { pieces: [MASTER] },
    );
    expect(sent).not.toHaveProperty('unlessEtag');
    expect(sent).toMatchObject({ fields: [] });
    expect(body.toString()).toBe(STEERED);
  });

  it('about a playlist that is not steered is the origin’s own affair', async () => {
    const { sent, answer } = await ask(
      { unlessEtag: '"v1"', unlessModifiedSince: 'a date', fields: ['If-None-Match', '"v1"'] },
      bareAnswer(304, ['ETag', '"v1"']),
    );
    expect(sent).toMatchObject({ unlessEtag: '"v1"', fields: ['If-None-Match', '"v1"'] });
    expect(tagOf(answer)).toBe('"v1"');
  });
});
