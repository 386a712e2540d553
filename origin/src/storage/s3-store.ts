import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import { OriginError } from '../errors.js';
import { contentTypeOf } from './content-type.js';
import { checkKey } from './key.js';
import type { ListedObject, ObjectStore } from './object-store.js';

export interface S3StoreOptions {
  readonly bucket: string;
  /** Put before every key, without slashes at its ends. Default none. */
  readonly prefix?: string;
  /** Default: `AWS_ENDPOINT_URL_S3`, `AWS_ENDPOINT_URL`, or Amazon's own. */
  readonly endpoint?: string;
  /** Default: `AWS_REGION`, `AWS_DEFAULT_REGION`, or `us-east-1`, which other makers' stores take. */
  readonly region?: string;
  /** Keys a page of a listing. Default: the server's, usually 1,000. */
  readonly pageKeys?: number;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Any S3-compatible store. Credentials come from where the AWS tools find them. */
export function s3Store(options: S3StoreOptions, environment: Environment = process.env): ObjectStore {
  const endpoint = options.endpoint ?? environment.AWS_ENDPOINT_URL_S3 ?? environment.AWS_ENDPOINT_URL;
  const region = options.region ?? environment.AWS_REGION ?? environment.AWS_DEFAULT_REGION ?? 'us-east-1';
  const client = new S3Client({
    region,
    ...(endpoint !== undefined && endpoint !== '' && { endpoint }),
    forcePathStyle: true,
    // Checksums that the SDK adds unasked are refused by stores of other makers.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  });
  const { bucket: Bucket } = options;
  const folder = options.prefix ? `${options.prefix}/` : '';
  const Key = (key: string): string => folder + checkKey(key);
  const where = `s3://${Bucket}/${options.prefix ?? ''}`;

  return {
    url: where,

    async put(key, bytes, put = {}) {
      // A Buffer with its length: streams would be sent in AWS chunked encoding, which some stores keep as content.
      const Body = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      await attempt('write', key, where, () =>
        client.send(
          new PutObjectCommand({
            Bucket,
            Key: Key(key),
            Body,
            ContentLength: Body.length,
            ContentType: put.contentType ?? contentTypeOf(key),
            ...(put.cacheControl !== undefined && { CacheControl: put.cacheControl }),
          }),
        ),
      );
    },

    async get(key) {
      return await attempt('read', key, where, async () => {
        const { Body, ContentType } = await client.send(new GetObjectCommand({ Bucket, Key: Key(key) }));
        // Read to its end always: a body left alone keeps its connection, and the pool has fifty.
        const body = Buffer.from((await Body?.transformToByteArray()) ?? []);
        return { body, bytes: body.length, contentType: ContentType ?? contentTypeOf(key) };
      });
    },

    async head(key) {
      try {
        return await attempt('read', key, where, async () => {
          const { ContentLength, ContentType } = await client.send(
            new HeadObjectCommand({ Bucket, Key: Key(key) }),
          );
          return { bytes: ContentLength ?? 0, contentType: ContentType ?? contentTypeOf(key) };
        });
      } catch (error) {
        if (error instanceof OriginError && error.code === 'not-found') return undefined;
        throw error;
      }
    },

    async *list(prefix): AsyncGenerator<ListedObject> {
      let token: string | undefined;
      do {
        const page = await attempt('list', prefix, where, () =>
          client.send(
            new ListObjectsV2Command({
              Bucket,
              Prefix: folder + prefix,
              ...(token !== undefined && { ContinuationToken: token }),
              ...(options.pageKeys !== undefined && { MaxKeys: options.pageKeys }),
            }),
          ),
        );
        for (const { Key: key, Size: bytes } of page.Contents ?? []) {
          if (key !== undefined) yield { key: key.slice(folder.length), bytes: bytes ?? 0 };
        }
        token = page.IsTruncated ? page.NextContinuationToken : undefined;
      } while (token !== undefined);
    },

    async delete(key) {
      try {
        await attempt('delete', key, where, () =>
          client.send(new DeleteObjectCommand({ Bucket, Key: Key(key) })),
        );
      } catch (error) {
        if (!(error instanceof OriginError && error.code === 'not-found')) throw error;
      }
    },

    close: () => client.destroy(),
  };
}

const ADVICE: Readonly<Record<string, string>> = {
  CredentialsProviderError: 'No credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.',
  InvalidAccessKeyId: 'The store does not know AWS_ACCESS_KEY_ID.',
  SignatureDoesNotMatch: 'The store refuses the signature: check AWS_SECRET_ACCESS_KEY and the region.',
  AccessDenied: 'Access denied: check the credentials and the rights on the bucket.',
  '403': 'Access denied: check the credentials and the rights on the bucket.',
  NoSuchBucket: 'There is no such bucket: create it first.',
  ECONNREFUSED: 'Nobody answers there: check AWS_ENDPOINT_URL_S3.',
  ENOTFOUND: 'There is no such host: check AWS_ENDPOINT_URL_S3.',
};

async function attempt<Result>(
  what: string,
  key: string,
  where: string,
  request: () => Promise<Result>,
): Promise<Result> {
  try {
    return await request();
  } catch (error) {
    if (error instanceof OriginError) throw error;
    const name = error instanceof Error ? error.name : '';
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (name === 'NoSuchKey' || name === 'NotFound')
      throw new OriginError('not-found', `There is no ${key} in ${where}.`, error);
    // Answers to HEAD have no body, so the status is all there is.
    const status = error instanceof S3ServiceException ? String(error.$metadata.httpStatusCode) : '';
    const reason =
      ADVICE[name] ??
      ADVICE[code] ??
      ADVICE[status] ??
      (error instanceof Error ? error.message || code || name : String(error));
    throw new OriginError('storage', `Cannot ${what} ${key} in ${where}. ${reason}`, error);
  }
}
