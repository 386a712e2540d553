import type { Pool } from 'undici';
import { type Clock, systemTimers, wallClock as systemWallClock, type Timers } from '../../components.js';
import { formatRange } from '../../ranges/ranges.js';
import { bareAnswer, methodNotAllowed } from '../answer.js';
import { byName, fieldsOf } from '../header-fields.js';
import { exchange } from '../http-exchange.js';
import { createPool } from '../http-upstream.js';
import type { Upstream, UpstreamRequest, UpstreamResponse } from '../upstream.js';
import { messageOf, UpstreamError } from '../upstream-error.js';
import { objectFields, withoutObject } from './s3-answers.js';
import { createS3Client, objectKey, type S3UpstreamOptions } from './s3-client.js';
import { locateBucket, type S3Location } from './s3-location.js';
import { encodeKey, S3Signer, type SigningCredentials } from './signature.js';

export interface FastS3Components {
  readonly timers?: Timers;
  /** What requests are dated by. */
  readonly wallClock?: Clock;
}

/** A store's error document is shorter than this. */
const ERROR_BYTES = 64 * 1024;
/** Stores refuse what is dated 15 minutes off. A HEAD's refusal does not say why, so its date has to. */
const SKEWED_MS = 10 * 60_000;

interface Opened {
  readonly location: S3Location;
  readonly signer: S3Signer;
  readonly pool: Pool;
}

/**
 * A bucket, by signed requests of our own: several times as many as the SDK makes (decision 0061). Where it is and
 * with whose credentials it is asked is still for the SDK to say.
 */
export function createFastS3Upstream(
  { timers = systemTimers, wallClock = systemWallClock }: FastS3Components,
  options: S3UpstreamOptions,
): Upstream {
  const client = createS3Client(options);
  let opening: Promise<Opened> | undefined;
  /** What has to be added to our clock to get the store's. */
  let skewMs = 0;

  const open = (): Promise<Opened> => {
    opening ??= locateBucket(client, options.bucket).then((location) => ({
      location,
      signer: new S3Signer(location),
      pool: createPool(location.origin, options),
    }));
    // Files may be repaired: the next request looks again.
    opening.catch(() => {
      opening = undefined;
    });
    return opening;
  };
  const credentials = async (forceRefresh: boolean): Promise<SigningCredentials> => {
    try {
      // Kept and refreshed in time by the SDK.
      return await client.config.credentials(forceRefresh ? { forceRefresh } : {});
    } catch (error) {
      throw new UpstreamError('origin-refused', messageOf(error), { cause: error });
    }
  };
  const send = async (
    request: UpstreamRequest,
    key: string,
    signal: AbortSignal,
    refresh: boolean,
  ): Promise<UpstreamResponse> => {
    const { location, signer, pool } = await open();
    const method = request.method === 'HEAD' ? 'HEAD' : 'GET';
    const path = location.pathPrefix + encodeKey(key);
    const nowMs = wallClock.now() + skewMs;
    const signed = signer.sign({ method, host: location.host, path, nowMs }, await credentials(refresh));
    const fields = [...requestFields(request), ...signed];
    return exchange({ dispatcher: pool, timers }, { path, method, fields }, signal);
  };

  return {
    usesQuery: false,
    close: async () => {
      client.destroy();
      await (await opening?.catch(() => undefined))?.pool.destroy();
    },
    async fetch(request, signal) {
      const { method = 'GET' } = request;
      if (method !== 'GET' && method !== 'HEAD') return methodNotAllowed();
      const key = objectKey(options.prefix, request.path);
      if (key === undefined) return bareAnswer(404);
      for (let attempt = 1, refresh = false; ; attempt++) {
        const response = await send(request, key, signal, refresh);
        if (response.status === 200 || response.status === 206) {
          const fields = objectFields(response.fields);
          return { ...response, fields, headers: byName(fields) };
        }
        const code = method === 'HEAD' ? '' : await errorCode(response);
        response.body.discard();
        const offMs = Date.parse(response.headers.date ?? '') - wallClock.now();
        const isSkewed = response.status === 403 && Math.abs(offMs - skewMs) > SKEWED_MS;
        if (
          attempt === 1 &&
          (code === 'RequestTimeTooSkewed' || (code === '' && isSkewed)) &&
          !Number.isNaN(offMs)
        ) {
          skewMs = offMs;
          continue;
        }
        if (attempt === 1 && code === 'ExpiredToken') {
          refresh = true;
          continue;
        }
        return withoutObject(response.status, code, response.fields);
      }
    },
  };
}

function requestFields({
  method,
  range,
  ifRange,
  unlessEtag,
  unlessModifiedSince,
}: UpstreamRequest): string[] {
  const isTag = ifRange?.startsWith('"') === true;
  return fieldsOf({
    Range: range === undefined || method === 'HEAD' ? undefined : formatRange(range),
    // Stores know no If-Range: where it would give the whole object, these give a 412.
    'If-Match': isTag ? ifRange : undefined,
    'If-Unmodified-Since': isTag ? undefined : ifRange,
    'If-None-Match': unlessEtag,
    'If-Modified-Since': unlessModifiedSince,
    'Accept-Encoding': 'identity',
    'User-Agent': 'eddy-edge',
  });
}

/** The word in a store's error document. Empty: there is none. */
async function errorCode({ status, body }: UpstreamResponse): Promise<string> {
  if (status === 304) return '';
  let text = '';
  for await (const chunk of body) {
    text += chunk.toString('latin1');
    if (text.length > ERROR_BYTES) break;
  }
  return /<Code>\s*(\w+)\s*<\/Code>/.exec(text)?.[1] ?? '';
}
