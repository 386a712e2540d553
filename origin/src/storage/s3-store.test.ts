import { randomUUID } from 'node:crypto';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { expect, it } from 'vitest';
import { s3Store } from './s3-store.js';
import { storeContract } from './store-contract.js';

/** `npm test` starts OpenStack Swift and sets this and the AWS keys. */
const endpoint = process.env.EDDY_TEST_S3_ENDPOINT;
const BUCKET = 'eddy-origin-contract';

const open = async () => {
  const client = new S3Client({ region: 'us-east-1', endpoint: endpoint ?? '', forcePathStyle: true });
  try {
    await client.send(new CreateBucketCommand({ Bucket: BUCKET }));
  } catch (error) {
    if (!(error instanceof Error && /BucketAlready/.test(error.name))) throw error;
  }
  client.destroy();
  const store = s3Store({
    bucket: BUCKET,
    prefix: `run-${randomUUID()}`,
    endpoint: endpoint ?? '',
    pageKeys: 10,
  });
  return {
    store,
    close: async () => {
      for await (const { key } of store.list('')) await store.delete(key);
      store.close();
    },
  };
};

if (endpoint !== undefined) {
  storeContract('S3 store', open);

  it('says which credentials are wrong', async () => {
    const before = process.env.AWS_SECRET_ACCESS_KEY;
    process.env.AWS_SECRET_ACCESS_KEY = 'not-the-secret';
    try {
      const store = s3Store({ bucket: BUCKET, endpoint });
      await expect(store.put('a.bin', Buffer.from('x'))).rejects.toMatchObject({
        code: 'storage',
        message: expect.stringContaining('AWS_SECRET_ACCESS_KEY'),
      });
      await expect(store.head('a.bin')).rejects.toMatchObject({
        message: expect.stringContaining('credentials'),
      });
      store.close();
    } finally {
      process.env.AWS_SECRET_ACCESS_KEY = before;
    }
  });

  it('says that the bucket is missing', async () => {
    const store = s3Store({ bucket: `eddy-none-${randomUUID()}`, endpoint });
    await expect(store.put('a.bin', Buffer.from('x'))).rejects.toMatchObject({
      message: expect.stringContaining('bucket'),
    });
    store.close();
  });
} else {
  it.skipIf(process.env.CI !== 'true')(
    'S3 store: EDDY_TEST_S3_ENDPOINT is not set; `npm test` starts a server and sets it',
    () => {
      expect.fail('EDDY_TEST_S3_ENDPOINT must be set under CI');
    },
  );
}
