import { BenchError } from '../errors.js';
import { type OriginObject, sha256 } from '../origin/content.js';
import type { RunningServer } from '../servers/server.js';

/**
 * Fills the cache of a server and proves it: every object is asked for, then asked for again, and the second
 * answer must be the origin's bytes under the origin's type, called a hit by the server, without a request to
 * the origin. Throws BenchError `wrong-answer` or `not-a-hit`.
 */
export async function fillAndVerify(
  { name, server, originRequests }: { name: string; server: RunningServer; originRequests: () => number },
  objects: readonly OriginObject[],
): Promise<void> {
  for (const object of objects) {
    const ask = async (): Promise<Headers> => {
      const answer = await fetch(server.url + object.path);
      const body = new Uint8Array(await answer.arrayBuffer());
      const same = answer.status === 200 && sha256(body) === object.sha256;
      const contentType = answer.headers.get('content-type')?.toLowerCase() ?? 'none';
      if (!same || contentType !== object.contentType) {
        const seen = `status ${answer.status}, ${body.length} bytes, content type ${contentType}`;
        const cause = server.log().trim();
        throw new BenchError(
          'wrong-answer',
          `${name} answers ${object.path} otherwise than its origin (${seen}).\n${cause}`,
        );
      }
      return answer.headers;
    };
    await ask();
    const before = originRequests();
    const headers = await ask();
    const asked = originRequests() - before;
    if (asked > 0 || !server.saysHit(headers)) {
      const seen = JSON.stringify(Object.fromEntries(headers));
      throw new BenchError(
        'not-a-hit',
        `${name} does not answer ${object.path} from its cache (${asked} requests to the origin): ${seen}`,
      );
    }
  }
}
