import { createHash, createHmac, type Hash, type Hmac } from 'node:crypto';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { SignatureV4 } from '@smithy/signature-v4';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeKey, S3Signer } from './signature.js';

/** What the library hashes with. */
class NodeHash {
  readonly #hash: Hash | Hmac;

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash = secret === undefined ? createHash('sha256') : createHmac('sha256', bytesOf(secret));
  }

  update(data: string | ArrayBuffer | ArrayBufferView): void {
    this.#hash.update(bytesOf(data));
  }

  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }

  reset(): void {}
}

function bytesOf(data: string | ArrayBuffer | ArrayBufferView): Buffer {
  if (typeof data === 'string') return Buffer.from(data);
  return data instanceof ArrayBuffer
    ? Buffer.from(data)
    : Buffer.from(data.buffer, data.byteOffset, data.byteLength);
}

const word = fc.stringMatching(/^[A-Za-z0-9+/=]{1,40}$/);
const key = fc
  .array(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }), { minLength: 1, maxLength: 4 })
  .map((segments) => segments.join('/'));

describe('signatures for S3', () => {
  it("are those of Amazon's library", async () => {
    const property = fc.asyncProperty(
      fc.record({
        method: fc.constantFrom('GET' as const, 'HEAD' as const),
        host: fc.constantFrom('store.example', '127.0.0.1:9000'),
        key,
        nowMs: fc.date({ min: new Date('2000-01-01'), max: new Date('2099-12-31'), noInvalidDate: true }),
        accessKeyId: word,
        secretAccessKey: word,
        sessionToken: fc.option(word, { nil: undefined }),
        region: fc.constantFrom('us-east-1', 'eu-central-2'),
      }),
      async ({ method, host, key: name, nowMs: date, region, ...credentials }) => {
        const path = `/bucket/${encodeKey(name)}`;
        const nowMs = date.getTime();
        const ours = new S3Signer({ region }).sign({ method, host, path, nowMs }, credentials);
        const { accessKeyId, secretAccessKey, sessionToken } = credentials;
        const library = new SignatureV4({
          ...{ service: 's3', region, sha256: NodeHash, uriEscapePath: false, applyChecksum: true },
          credentials: {
            accessKeyId,
            secretAccessKey,
            ...(sessionToken === undefined ? {} : { sessionToken }),
          },
        });
        const theirs = await library.sign(
          { method, path, protocol: 'https:', hostname: host, query: {}, headers: { host } },
          { signingDate: date },
        );
        expect(ours[ours.indexOf('Authorization') + 1]).toBe(theirs.headers.authorization);
      },
    );
    await fc.assert(property, { numRuns: 200 });
  });

  it('derive a key anew for each day and secret', () => {
    const signer = new S3Signer({ region: 'r' });
    const request = { method: 'GET', host: 'h', path: '/b/k', nowMs: 0 } as const;
    const sign = (nowMs: number, secretAccessKey: string): string | undefined =>
      signer.sign({ ...request, nowMs }, { accessKeyId: 'a', secretAccessKey }).at(-1);
    const fresh = (nowMs: number, secretAccessKey: string): string | undefined =>
      new S3Signer({ region: 'r' }).sign({ ...request, nowMs }, { accessKeyId: 'a', secretAccessKey }).at(-1);
    for (const [nowMs, secret] of [
      [0, 's'],
      [86_400_000, 's'],
      [86_400_000, 't'],
      [0, 's'],
    ] as const) {
      expect(sign(nowMs, secret)).toBe(fresh(nowMs, secret));
    }
  });

  it('escape keys as the SDK does', async () => {
    let path: unknown;
    const client = new S3Client({
      ...{ endpoint: 'http://store.example', region: 'r', forcePathStyle: true },
      credentials: { accessKeyId: 'a', secretAccessKey: 's' },
    });
    client.middlewareStack.add(
      () => async (args) => {
        path =
          typeof args.request === 'object' &&
          args.request !== null &&
          'path' in args.request &&
          args.request.path;
        return { response: undefined, output: { $metadata: {} } };
      },
      { step: 'build', priority: 'high' },
    );
    const property = fc.asyncProperty(key, async (name) => {
      await client.send(new GetObjectCommand({ Bucket: 'bucket', Key: name }));
      expect(`/bucket/${encodeKey(name)}`).toBe(path);
    });
    await fc.assert(property, { numRuns: 200 });
  });
});
