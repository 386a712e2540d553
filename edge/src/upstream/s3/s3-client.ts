import { S3Client } from '@aws-sdk/client-s3';
import type { S3Config } from '../../config/edge-config.js';

export interface S3UpstreamOptions {
  readonly bucket: string;
  /** Without slashes at its ends; may be empty. */
  readonly prefix: string;
  readonly connections: number;
  readonly connectMs: number;
  readonly s3: S3Config;
}

/** Other stores than Amazon's take any region, but the SDK wants one. */
const DEFAULT_REGION = 'us-east-1';

/** Amazon's client: it knows the usual variables, files and roles. */
export function createS3Client({ connections, connectMs, s3 }: S3UpstreamOptions): S3Client {
  const { endpoint, region, accessKeyId, secretAccessKey, sessionToken } = s3;
  const hasKeys = accessKeyId !== undefined && secretAccessKey !== undefined;
  return new S3Client({
    forcePathStyle: true,
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    // `with-retries` does it for all kinds of origin, within one budget.
    maxAttempts: 1,
    requestHandler: {
      connectionTimeout: connectMs,
      httpAgent: { keepAlive: true, maxSockets: connections },
      httpsAgent: { keepAlive: true, maxSockets: connections },
    },
    region: region ?? process.env.AWS_REGION ?? process.env.AWS_DEFAULT_REGION ?? DEFAULT_REGION,
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(hasKeys
      ? {
          credentials: {
            accessKeyId,
            secretAccessKey,
            ...(sessionToken === undefined ? {} : { sessionToken }),
          },
        }
      : {}),
  });
}

/** The object that a canonical path names. Undefined: the bucket's root or a folder's, which are listings. */
export function objectKey(prefix: string, path: string): string | undefined {
  const name = decodeURIComponent(path).slice(1);
  return name === '' ? undefined : prefix === '' ? name : `${prefix}/${name}`;
}
