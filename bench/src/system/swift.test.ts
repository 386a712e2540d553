import { access } from 'node:fs/promises';
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { expect, it } from 'vitest';
import { findCommand } from '../process/commands.js';
import { type Swift, startSwift } from './swift.js';

function clientOf(swift: Swift, secretAccessKey = swift.secretAccessKey): S3Client {
  return new S3Client({
    endpoint: swift.endpoint,
    region: swift.region,
    credentials: { accessKeyId: swift.accessKeyId, secretAccessKey },
    forcePathStyle: true,
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  });
}

const missing = process.env.CI !== 'true' && (await findCommand('swift-proxy-server')) === undefined;

it.skipIf(missing)(
  'keeps objects, lists them at once, refuses a wrong secret and leaves nothing behind (needs swift-proxy)',
  async () => {
    const swift = await startSwift();
    try {
      const Bucket = await swift.createBucket();
      const client = clientOf(swift);
      const Body = Buffer.alloc(300_000, 'eddy');
      await client.send(new PutObjectCommand({ Bucket, Key: 'a/b c', Body, ContentLength: Body.byteLength }));
      const { Contents } = await client.send(new ListObjectsV2Command({ Bucket }));
      expect(Contents?.map(({ Key, Size }) => [Key, Size])).toEqual([['a/b c', Body.byteLength]]);
      const { Body: back } = await client.send(
        new GetObjectCommand({ Bucket, Key: 'a/b c', Range: 'bytes=-4' }),
      );
      expect(await back?.transformToString()).toBe('eddy');
      const stranger = clientOf(swift, 'wrong');
      await expect(stranger.send(new ListObjectsV2Command({ Bucket }))).rejects.toMatchObject({
        $metadata: { httpStatusCode: 403 },
      });
      client.destroy();
      stranger.destroy();
    } finally {
      await swift.stop();
    }
    await expect(fetch(swift.endpoint)).rejects.toThrow();
    await expect(access(swift.folder)).rejects.toMatchObject({ code: 'ENOENT' });
  },
  60_000,
);
