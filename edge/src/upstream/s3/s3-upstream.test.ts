import { randomBytes } from 'node:crypto';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { describeUpstream } from '../../testing/upstream-contract.js';
import type { Upstream } from '../upstream.js';
import { createFastS3Upstream } from './fast-s3-upstream.js';
import type { S3UpstreamOptions } from './s3-client.js';
import { createSdkS3Upstream } from './sdk-s3-upstream.js';

const endpoint = process.env.EDDY_TEST_S3_ENDPOINT;
const SETTINGS = { connections: 16, connectMs: 1000, prefix: 'some/prefix' };
const FOREVER = new AbortController().signal;
const CLIENTS: readonly ['fast' | 'sdk', (options: S3UpstreamOptions) => Upstream][] = [
  ['fast', (options) => createFastS3Upstream({}, options)],
  ['sdk', createSdkS3Upstream],
];

if (endpoint === undefined) {
  describe('upstream contract: s3://', () => {
    it.skipIf(process.env.CI !== 'true')(
      'needs a server (EDDY_TEST_S3_ENDPOINT and AWS_… are not set)',
      () => {
        expect.unreachable('EDDY_TEST_S3_ENDPOINT is not set: npm test starts a server and sets it');
      },
    );
  });
} else {
  describe.each(CLIENTS)('the %s client', (name, createUpstream) => {
    describeUpstream(`s3:// (${name})`, async (cleanup) => {
      const region = process.env.AWS_REGION ?? 'us-east-1';
      const client = new S3Client({
        ...{ endpoint, region, forcePathStyle: true },
        requestChecksumCalculation: 'WHEN_REQUIRED',
      });
      cleanup.add(async () => client.destroy());
      const bucket = `edge-${randomBytes(6).toString('hex')}`;
      await client.send(new CreateBucketCommand({ Bucket: bucket }));
      return {
        upstream: createUpstream({ ...SETTINGS, bucket, s3: { client: name, endpoint } }),
        unreachable: async () =>
          createUpstream({ ...SETTINGS, bucket, s3: { client: name, endpoint: 'http://127.0.0.1:1' } }),
        isReadOnly: true,
        async put(path, body, told) {
          const object = {
            Bucket: bucket,
            Key: SETTINGS.prefix + path,
            Body: body,
            ContentLength: body.length,
          };
          const { contentType, cacheControl, meta } = told ?? {};
          await client.send(
            new PutObjectCommand({
              ...object,
              ...(contentType === undefined ? {} : { ContentType: contentType }),
              ...(cacheControl === undefined ? {} : { CacheControl: cacheControl }),
              ...(meta === undefined ? {} : { Metadata: { ...meta } }),
            }),
          );
        },
        keeps: ['content-type', 'cache-control', 'x-amz-meta-made-by'],
      };
    });

    it.each([
      ['a bucket that is not there', 'no-such-bucket-here', {}],
      ['wrong keys', 'any', { accessKeyId: 'nobody', secretAccessKey: 'wrong' }],
    ])('says that it was refused for %s', async (_case, bucket, keys) => {
      const upstream = createUpstream({ ...SETTINGS, bucket, s3: { client: name, endpoint, ...keys } });
      const asked = upstream.fetch({ path: '/a.m4s', query: '' }, FOREVER);
      await expect(asked).rejects.toMatchObject({ code: 'origin-refused' });
      await upstream.close();
    });
  });

  it.each(['GET', 'HEAD'])(
    'a %s is dated again when the store says that the clock is wrong',
    async (method) => {
      const wrong = { now: () => Date.now() + 3_600_000 };
      const upstream = createFastS3Upstream(
        { wallClock: wrong },
        { ...SETTINGS, bucket: 'no-such-bucket-here', s3: { client: 'fast', endpoint } },
      );
      // Past the signature: what is refused is the bucket.
      const answer = upstream.fetch({ path: '/a.m4s', query: '', method }, FOREVER);
      if (method === 'HEAD') expect((await answer).status).toBe(404);
      else await expect(answer).rejects.toThrow('NoSuchBucket');
      await upstream.close();
    },
  );
}
