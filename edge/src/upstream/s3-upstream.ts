import { Readable } from 'node:stream';
import {
  GetObjectCommand,
  type GetObjectCommandInput,
  type GetObjectCommandOutput,
  S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import type { S3Config } from '../config/edge-config.js';
import { formatRange } from '../ranges/ranges.js';
import { EMPTY_BODY, streamBody } from './stream-body.js';
import type { Upstream, UpstreamHeaders, UpstreamRequest, UpstreamResponse } from './upstream.js';
import { messageOf, serverError, UpstreamError } from './upstream-error.js';

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

/** Refusals that are about our keys and settings, not about one object. */
const MISCONFIGURED: ReadonlySet<string> = new Set([
  'AuthorizationHeaderMalformed',
  'CredentialsProviderError',
  'ExpiredToken',
  'InvalidAccessKeyId',
  'NoSuchBucket',
  'PermanentRedirect',
  'RequestTimeTooSkewed',
  'SignatureDoesNotMatch',
]);

/** A bucket, through Amazon's SDK. */
export function createS3Upstream(options: S3UpstreamOptions): Upstream {
  const client = createClient(options);
  const prefix = options.prefix === '' ? '' : `${options.prefix}/`;
  return {
    usesQuery: false,
    close: async () => client.destroy(),
    async fetch(request, signal) {
      const key = prefix + decodeURIComponent(request.path).slice(1);
      // The root of a bucket is its listing, not an object.
      if (key === '' || key === prefix) return bare(404);
      try {
        const input = toInput(options.bucket, key, request);
        return toResponse(await client.send(new GetObjectCommand(input), { abortSignal: signal }));
      } catch (error) {
        if (signal.aborted) throw signal.reason;
        return translate(error);
      }
    },
  };
}

function createClient({ connections, connectMs, s3 }: S3UpstreamOptions): S3Client {
  const { endpoint, region, accessKeyId, secretAccessKey, sessionToken } = s3;
  const hasKeys = accessKeyId !== undefined && secretAccessKey !== undefined;
  return new S3Client({
    forcePathStyle: true,
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    maxAttempts: 2,
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

function toInput(bucket: string, key: string, request: UpstreamRequest): GetObjectCommandInput {
  const { range, unlessEtag, unlessModifiedSince } = request;
  return {
    Bucket: bucket,
    Key: key,
    ...(range === undefined ? {} : { Range: formatRange(range) }),
    ...(unlessEtag === undefined ? {} : { IfNoneMatch: unlessEtag }),
    ...(unlessModifiedSince === undefined ? {} : { IfModifiedSince: new Date(unlessModifiedSince) }),
  };
}

function toResponse(output: GetObjectCommandOutput): UpstreamResponse {
  const status = output.$metadata.httpStatusCode ?? 200;
  if (!(output.Body instanceof Readable)) {
    throw new UpstreamError('origin-bad-response', 'the object came without a body stream');
  }
  return { status, headers: toHeaders(output), endIsKnown: true, body: streamBody(output.Body) };
}

function toHeaders(output: GetObjectCommandOutput): UpstreamHeaders {
  const given: Record<string, string | undefined> = {
    'content-length': output.ContentLength?.toString(),
    'content-range': output.ContentRange,
    'content-type': output.ContentType,
    'content-encoding': output.ContentEncoding,
    'cache-control': output.CacheControl,
    expires: output.ExpiresString,
    etag: output.ETag,
    'last-modified': output.LastModified?.toUTCString(),
  };
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(given)) {
    if (value !== undefined && value !== '') headers[name] = value;
  }
  return headers;
}

function translate(error: unknown): UpstreamResponse {
  const name = error instanceof Error ? error.name : '';
  if (MISCONFIGURED.has(name)) {
    throw new UpstreamError('origin-refused', `${name}: ${messageOf(error)}`, { cause: error });
  }
  const status = error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined;
  if (status !== undefined && status >= 500) throw serverError(status);
  if (status !== undefined && status >= 300) return bare(status);
  if (name === 'TimeoutError') {
    throw new UpstreamError('origin-connect-timeout', messageOf(error), { cause: error });
  }
  if (error instanceof UpstreamError) throw error;
  throw new UpstreamError('origin-unreachable', `${name}: ${messageOf(error)}`, { cause: error });
}

function bare(status: number): UpstreamResponse {
  return { status, headers: {}, endIsKnown: true, body: EMPTY_BODY };
}
