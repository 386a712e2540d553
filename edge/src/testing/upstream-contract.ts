import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { byName } from '../upstream/header-fields.js';
import type { Upstream, UpstreamRequest, UpstreamResponse } from '../upstream/upstream.js';
import { UpstreamError } from '../upstream/upstream-error.js';
import { Cleanup } from './edge-fixture.js';

/** What an object says about itself, where its kind of origin can keep it. */
export interface ToldByPublisher {
  readonly contentType?: string;
  readonly cacheControl?: string;
  readonly meta?: Readonly<Record<string, string>>;
}

/** An origin of one kind, and a way to put objects there. */
export interface UpstreamUnderTest {
  readonly upstream: Upstream;
  put(path: string, body: Buffer, told?: ToldByPublisher): Promise<void>;
  /** An upstream of the same kind whose origin does not answer at all. */
  unreachable(): Promise<Upstream>;
  /** Answers all but GET and HEAD itself. */
  readonly isReadOnly: boolean;
  /** Header fields in which {@link ToldByPublisher} comes back. */
  readonly keeps: readonly string[];
}

const FOREVER = new AbortController().signal;
const TOLD = {
  contentType: 'video/iso.segment',
  cacheControl: 'max-age=77, x="y"',
  meta: { 'made-by': 'tests' },
};
const TOLD_FIELDS: Readonly<Record<string, string>> = {
  'content-type': TOLD.contentType,
  'cache-control': TOLD.cacheControl,
  'x-amz-meta-made-by': 'tests',
};

async function read({ body }: UpstreamResponse): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of body) pieces.push(piece);
  return Buffer.concat(pieces);
}

/** What every upstream must do, whatever stands behind it. */
export function describeUpstream(kind: string, open: (cleanup: Cleanup) => Promise<UpstreamUnderTest>): void {
  describe(`upstream contract: ${kind}`, () => {
    const cleanup = new Cleanup();
    const body = randomBytes(700_000);
    let origin: UpstreamUnderTest;
    const get = (path: string, more: Partial<UpstreamRequest> = {}): Promise<UpstreamResponse> =>
      origin.upstream.fetch({ path, query: '', ...more }, FOREVER);

    beforeAll(async () => {
      origin = await open(cleanup);
      cleanup.add(() => origin.upstream.close());
      await origin.put('/v/big.m4s', body, TOLD);
      await origin.put('/v/empty.m4s', Buffer.alloc(0));
      await origin.put('/v/odd name+ä%.m4s', Buffer.from('odd'));
      await origin.put("/v/!*'()~&=@:$,;é€😀#?.m4s", Buffer.from('odder'));
    }, 30_000);
    afterAll(() => cleanup.run());

    it('gives a whole object with length and strong validators', async () => {
      const response = await get('/v/big.m4s');
      expect(response.status).toBe(200);
      expect(response.endIsKnown).toBe(true);
      expect(response.headers['content-length']).toBe(String(body.length));
      expect(response.headers.etag).toMatch(/^"[^"]+"$/);
      expect(response.headers['accept-ranges']).toBe('bytes');
      expect(Date.parse(response.headers['last-modified'] ?? '')).not.toBeNaN();
      expect(Math.abs(Date.now() - Date.parse(response.headers.date ?? ''))).toBeLessThan(60_000);
      expect((await read(response)).equals(body)).toBe(true);
    });

    it('gives header fields as a list that says the same as the look-up', async () => {
      const response = await get('/v/big.m4s');
      response.body.discard();
      expect(response.fields.length % 2).toBe(0);
      expect({ ...byName(response.fields) }).toEqual({ ...response.headers });
      for (const name of origin.keeps)
        expect([name, response.headers[name]]).toEqual([name, TOLD_FIELDS[name]]);
      expect(Object.keys(response.headers)).not.toContain('connection');
      expect(Object.keys(response.headers)).not.toContain('keep-alive');
    });

    it('gives an empty object', async () => {
      const response = await get('/v/empty.m4s');
      expect([response.status, (await read(response)).length]).toEqual([200, 0]);
    });

    it('gives the head alone for HEAD', async () => {
      const response = await get('/v/big.m4s', { method: 'HEAD' });
      expect([response.status, response.headers['content-length']]).toEqual([200, '700000']);
      expect(response.headers.etag).toMatch(/^"[^"]+"$/);
      expect(await read(response)).toEqual(Buffer.alloc(0));
      const missing = await get('/v/none.m4s', { method: 'HEAD' });
      missing.body.discard();
      expect(missing.status).toBe(404);
    });

    it('says what may be done where nothing may be written', async () => {
      const response = await get('/v/big.m4s', { method: 'DELETE' });
      if (origin.isReadOnly) expect([response.status, response.headers.allow]).toEqual([405, 'GET, HEAD']);
      response.body.discard();
      expect((await read(await get('/v/big.m4s'))).equals(body)).toBe(true);
    });

    it.each([
      ['/v/odd%20name+%C3%A4%25.m4s', 'odd'],
      ["/v/!*'()~&=@:$,;%C3%A9%E2%82%AC%F0%9F%98%80%23%3F.m4s", 'odder'],
    ])('finds the percent-encoded name %s', async (path, content) => {
      const response = await get(path);
      expect((await read(response)).toString()).toBe(content);
    });

    it.each([
      [{ start: 0, end: 0 }, 0, 1],
      [{ start: 10, end: 19 }, 10, 20],
      [{ start: 699_990, end: undefined }, 699_990, 700_000],
      [{ start: 699_990, end: 9_999_999 }, 699_990, 700_000],
      [{ suffix: 5 }, 699_995, 700_000],
    ])('gives the range %o', async (range, from, to) => {
      const response = await get('/v/big.m4s', { range });
      expect(response.status).toBe(206);
      expect(response.headers['content-range']).toBe(`bytes ${from}-${to - 1}/700000`);
      expect(await read(response)).toEqual(body.subarray(from, to));
    });

    it('gives a range of the version named, and never one of another', async () => {
      const range = { start: 10, end: 19 };
      const whole = await get('/v/big.m4s');
      whole.body.discard();
      const same = await get('/v/big.m4s', { range, ifRange: whole.headers.etag });
      expect([same.status, await read(same)]).toEqual([206, body.subarray(10, 20)]);
      const other = await get('/v/big.m4s', { range, ifRange: '"another"' });
      other.body.discard();
      expect([200, 412]).toContain(other.status);
    });

    it('refuses a range outside of the object', async () => {
      const response = await get('/v/big.m4s', { range: { start: 700_000, end: undefined } });
      response.body.discard();
      expect(response.status).toBe(416);
    });

    it('says 304 where it still has the version, 200 where it has not', async () => {
      const first = await get('/v/big.m4s');
      first.body.discard();
      const same = await get('/v/big.m4s', { unlessEtag: first.headers.etag });
      expect([same.status, (await read(same)).length]).toEqual([304, 0]);
      const other = await get('/v/big.m4s', { unlessEtag: '"another"' });
      other.body.discard();
      expect(other.status).toBe(200);
      const since = await get('/v/big.m4s', { unlessModifiedSince: first.headers['last-modified'] });
      expect([since.status, (await read(since)).length]).toEqual([304, 0]);
    });

    it('says 404 for what is not there, folders and the root', async () => {
      for (const path of ['/v/none.m4s', '/none/none.m4s', '/v', '/v/', '/']) {
        const response = await get(path);
        expect([path, response.status]).toEqual([path, 404]);
        // Readable, whatever is in it.
        await read(response);
      }
    });

    it('ends at once when told to, before and in the middle', async () => {
      const early = new AbortController();
      early.abort(new Error('early'));
      await expect(origin.upstream.fetch({ path: '/v/big.m4s', query: '' }, early.signal)).rejects.toThrow();
      const late = new AbortController();
      const response = await origin.upstream.fetch({ path: '/v/big.m4s', query: '' }, late.signal);
      const reading = (async () => {
        for await (const piece of response.body) {
          expect(piece.length).toBeGreaterThan(0);
          late.abort(new Error('late'));
          response.body.discard();
        }
      })();
      await expect(reading).rejects.toThrow();
    });

    it('leaves nothing behind when bodies are discarded', async () => {
      for (let round = 0; round < 200; round++) {
        const response = await get('/v/big.m4s');
        response.body.discard();
        response.body.discard();
      }
      expect((await read(await get('/v/big.m4s'))).equals(body)).toBe(true);
    }, 30_000);

    it('says so when its origin cannot be reached', async () => {
      const upstream = await origin.unreachable();
      const failure = await upstream
        .fetch({ path: '/v/big.m4s', query: '' }, FOREVER)
        .catch((error: unknown) => error);
      await upstream.close();
      expect(failure).toBeInstanceOf(UpstreamError);
      expect(failure).toMatchObject({ code: 'origin-unreachable' });
    });
  });
}
