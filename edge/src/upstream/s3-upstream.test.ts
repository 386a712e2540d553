import { randomBytes } from 'node:crypto';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { describeUpstream } from '../testing/upstream-contract.js';
import { createS3Upstream } from './s3-upstream.js';

const endpoint = process.env.EDDY_TEST_S3_ENDPOINT;
const SETTINGS = { connections: 16, connectMs: 1000, prefix: 'some/prefix' };

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
  describeUpstream('s3://', async (cleanup) => {
    const region = process.env.AWS_REGION ?? 'us-east-1';
    const client = new S3Client({
      endpoint,
      region,
      forcePathStyle: true,
      requestChecksumCalculation: 'WHEN_REQUIRED',
    });
    cleanup.add(async () => client.destroy());
    const bucket = `edge-${randomBytes(6).toString('hex')}`;
    await client.send(new CreateBucketCommand({ Bucket: bucket }));
    return {
      upstream: createS3Upstream({ ...SETTINGS, bucket, s3: { endpoint } }),
      unreachable: async () =>
        createS3Upstream({ ...SETTINGS, bucket, s3: { endpoint: 'http://127.0.0.1:1' } }),
      async put(path, body) {
        const object = {
          Bucket: bucket,
          Key: SETTINGS.prefix + path,
          Body: body,
          ContentLength: body.length,
        };
        await client.send(new PutObjectCommand(object));
      },
    };
  });

  describe('an S3 store', () => {
    it.each([
      ['a bucket that is not there', 'no-such-bucket-here', {}],
      ['wrong keys', 'any', { accessKeyId: 'nobody', secretAccessKey: 'wrong' }],
    ])('says that it was refused for %s', async (_case, bucket, keys) => {
      const upstream = createS3Upstream({ ...SETTINGS, bucket, s3: { endpoint, ...keys } });
      const asked = upstream.fetch({ path: '/a.m4s', query: '' }, new AbortController().signal);
      await expect(asked).rejects.toMatchObject({ code: 'origin-refused' });
      await upstream.close();
    });
  });
}
