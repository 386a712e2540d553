import { BenchError } from '../errors.js';
import { getWhole } from '../load/get-whole.js';
import { type OriginObject, sha256 } from '../origin/content.js';
import type { RunningServer } from '../servers/server.js';

export interface VerifyOptions {
  /** Requests at a time. Default: 1. */
  readonly atOnce?: number;
  /** Most rounds of filling, for caches that may store late. Default: 1. */
  readonly fills?: number;
}

interface Asked {
  readonly name: string;
  readonly server: RunningServer;
  readonly originRequests: () => number;
}

async function eachOf<T>(
  items: readonly T[],
  atOnce: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const left = items.values();
  const worker = async (): Promise<void> => {
    for (const item of left) await work(item);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}

async function ask({ name, server }: Asked, object: OriginObject): Promise<Headers> {
  const answer = await getWhole(server.url + (server.prefix ?? '') + object.path, server.ca);
  const same = answer.status === 200 && sha256(answer.body) === object.sha256;
  const contentType = answer.headers.get('content-type')?.toLowerCase() ?? 'none';
  if (same && contentType === object.contentType) return answer.headers;
  const seen = `status ${answer.status}, ${answer.body.length} bytes, content type ${contentType}`;
  throw new BenchError(
    'wrong-answer',
    `${name} answers ${object.path} otherwise than its origin (${seen}).\n${server.log().trim()}`,
  );
}

/**
 * Fills the cache of a server and proves it: every object is asked for, then asked for again, and the second
 * answer must be the origin's bytes under the origin's type, called a hit by the server, without a request to
 * the origin. Throws BenchError `wrong-answer` or `not-a-hit`.
 */
export async function fillAndVerify(
  asked: Asked,
  objects: readonly OriginObject[],
  { atOnce = 1, fills = 1 }: VerifyOptions = {},
): Promise<void> {
  const { name, server, originRequests } = asked;
  for (let fill = 0; fill < fills; fill++) {
    const before = originRequests();
    await eachOf(objects, atOnce, async (object) => void (await ask(asked, object)));
    if (fill > 0 && originRequests() === before) break;
  }
  await eachOf(objects, atOnce, async (object) => {
    const before = originRequests();
    const headers = await ask(asked, object);
    const requests = originRequests() - before;
    if (requests === 0 && server.saysHit(headers)) return;
    const seen = JSON.stringify(Object.fromEntries(headers));
    throw new BenchError(
      'not-a-hit',
      `${name} does not answer ${object.path} from its cache (${requests} requests to the origin): ${seen}`,
    );
  });
}
