import { Readable } from 'node:stream';
import {
  GetObjectCommand,
  type GetObjectCommandInput,
  HeadObjectCommand,
  type S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import { formatRange } from '../../ranges/ranges.js';
import { bareAnswer, methodNotAllowed } from '../answer.js';
import { byName } from '../header-fields.js';
import { EMPTY_BODY, streamBody } from '../stream-body.js';
import type { HeaderFields, Upstream, UpstreamRequest, UpstreamResponse } from '../upstream.js';
import { messageOf, UpstreamError } from '../upstream-error.js';
import { isMisconfiguration, objectFields, withoutObject } from './s3-answers.js';
import { createS3Client, objectKey, type S3UpstreamOptions } from './s3-client.js';

/** A bucket, through Amazon's SDK: slower than `fast-s3-upstream`, and what that is checked against. */
export function createSdkS3Upstream(options: S3UpstreamOptions): Upstream {
  const client = createS3Client(options);
  const answers = keepAnswers(client);
  const send = async (
    isHead: boolean,
    input: GetObjectCommandInput,
    signal: AbortSignal,
  ): Promise<UpstreamResponse> => {
    const output = isHead
      ? await client.send(new HeadObjectCommand(input), { abortSignal: signal })
      : await client.send(new GetObjectCommand(input), { abortSignal: signal });
    const { status, fields: all } = responseOf(answers.get(output));
    const fields = objectFields(all);
    const head = { status, fields, headers: byName(fields), endIsKnown: true };
    if (isHead) return { ...head, body: EMPTY_BODY };
    if ('Body' in output && output.Body instanceof Readable)
      return { ...head, body: streamBody(output.Body) };
    throw new UpstreamError('origin-bad-response', 'the object came without a body stream');
  };
  return {
    usesQuery: false,
    close: async () => client.destroy(),
    async fetch(request, signal) {
      const { method = 'GET' } = request;
      if (method !== 'GET' && method !== 'HEAD') return methodNotAllowed();
      const key = objectKey(options.prefix, request.path);
      if (key === undefined) return bareAnswer(404);
      const input = toInput(options.bucket, key, request);
      const attempt = (): Promise<UpstreamResponse> => send(method === 'HEAD', input, signal);
      try {
        return await attempt().catch(async (error: unknown) => {
          const code = error instanceof Error ? error.name : '';
          if (code === 'ExpiredToken') await client.config.credentials({ forceRefresh: true });
          // Told that its clock is wrong, the SDK corrects it for the next request.
          else if (code !== 'RequestTimeTooSkewed') throw error;
          return attempt();
        });
      } catch (error) {
        if (signal.aborted) throw signal.reason;
        return translate(error);
      }
    },
  };
}

/** The SDK's outputs have no `Date`, and metadata in another form: the answers have all. */
function keepAnswers(client: S3Client): WeakMap<object, unknown> {
  const answers = new WeakMap<object, unknown>();
  client.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      answers.set(result.output, result.response);
      return result;
    },
    // Outermost: after what makes the output.
    { step: 'initialize', priority: 'high' },
  );
  return answers;
}

function toInput(bucket: string, key: string, request: UpstreamRequest): GetObjectCommandInput {
  const { method, range, ifRange, unlessEtag, unlessModifiedSince } = request;
  const isTag = ifRange?.startsWith('"') === true;
  return {
    Bucket: bucket,
    Key: key,
    ...(range === undefined || method === 'HEAD' ? {} : { Range: formatRange(range) }),
    // Stores know no If-Range: where it would give the whole object, these give a 412.
    ...(ifRange === undefined ? {} : isTag ? { IfMatch: ifRange } : { IfUnmodifiedSince: new Date(ifRange) }),
    ...(unlessEtag === undefined ? {} : { IfNoneMatch: unlessEtag }),
    ...(unlessModifiedSince === undefined ? {} : { IfModifiedSince: new Date(unlessModifiedSince) }),
  };
}

function translate(error: unknown): UpstreamResponse {
  const code = error instanceof Error ? error.name : '';
  const status = error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined;
  if (error instanceof S3ServiceException && status !== undefined && status >= 300) {
    return withoutObject(status, code, responseOf(error.$response).fields);
  }
  if (error instanceof UpstreamError) throw error;
  if (isMisconfiguration(code)) {
    throw new UpstreamError('origin-refused', messageOf(error), { cause: error });
  }
  if (code === 'TimeoutError') {
    throw new UpstreamError('origin-connect-timeout', messageOf(error), { cause: error, unsent: true });
  }
  throw new UpstreamError('origin-unreachable', `${code}: ${messageOf(error)}`, { cause: error });
}

/** Of the SDK's own response object, which it types as unknown. */
function responseOf(response: unknown): { status: number; fields: HeaderFields } {
  if (typeof response !== 'object' || response === null) return { status: 200, fields: [] };
  const status =
    'statusCode' in response && typeof response.statusCode === 'number' ? response.statusCode : 200;
  const headers = 'headers' in response ? response.headers : undefined;
  if (typeof headers !== 'object' || headers === null) return { status, fields: [] };
  const fields = Object.entries(headers).flatMap(([name, value]) =>
    typeof value === 'string' ? [name, value] : [],
  );
  return { status, fields };
}
