import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { UpstreamError } from '../upstream-error.js';

/** Where a bucket is reached, as the SDK finds out from settings, variables and files. */
export interface S3Location {
  /** Scheme, host and port. */
  readonly origin: string;
  readonly host: string;
  /** Before the key: bucket and all, beginning and ending with a slash. */
  readonly pathPrefix: string;
  readonly region: string;
}

/** Asks the SDK where it would send a request, without sending it. */
export async function locateBucket(client: S3Client, bucket: string): Promise<S3Location> {
  let asked: unknown;
  const command = new GetObjectCommand({ Bucket: bucket, Key: 'k' });
  command.middlewareStack.add(
    () => async (args) => {
      asked = args.request;
      return { response: undefined, output: { $metadata: {} } };
    },
    { step: 'build', priority: 'high' },
  );
  await client.send(command);
  const region = await client.config.region();
  const url = urlOf(asked);
  if (url === undefined) throw new UpstreamError('origin-refused', `no way to the bucket ${bucket} is known`);
  return { origin: url.origin, host: url.host, pathPrefix: url.pathname.slice(0, -1), region };
}

function urlOf(request: unknown): URL | undefined {
  if (typeof request !== 'object' || request === null) return undefined;
  if (!('protocol' in request && 'hostname' in request && 'path' in request)) return undefined;
  const port = 'port' in request && request.port !== undefined ? `:${String(request.port)}` : '';
  return new URL(`${String(request.protocol)}//${String(request.hostname)}${port}${String(request.path)}`);
}
