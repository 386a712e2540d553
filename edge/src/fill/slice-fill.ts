import type { StoredResponse } from '../cache/stored-response.js';
import { parseContentRange } from '../ranges/ranges.js';
import { asUpstreamError, UpstreamError } from '../upstream/upstream-error.js';
import { createBodyTee } from './body-tee.js';
import { drop } from './keep.js';
import type { FillComponents, SliceOrder, Taking } from './order.js';
import { claim, pour } from './pour.js';
import { contentLength } from './response-head.js';

/** Takes one part. A part of another version means that the object has changed: what is held of it goes. */
export async function takeSlice(
  components: FillComponents,
  taking: Taking,
  { of, range }: SliceOrder,
): Promise<StoredResponse | undefined> {
  const { fill, response } = taking;
  const given = parseContentRange(response.headers['content-range']);
  const same =
    response.status === 206 &&
    given?.start === range.start &&
    given.end === range.end &&
    given.totalBytes === of.head.totalBytes &&
    response.headers.etag === of.head.etag;
  if (!same) {
    drop(components, of.key);
    throw new UpstreamError('origin-changed', `a part of another version (${response.status})`, {
      originStatus: response.status,
    });
  }
  const totalBytes = range.end - range.start + 1;
  if ((contentLength(response.fields) ?? totalBytes) !== totalBytes) {
    throw new UpstreamError('origin-length', 'a part of another length than its range');
  }
  const { memory, allocate, tier, backing } = components;
  const share = memory.open();
  claim(share, totalBytes);
  const tee = createBodyTee({ totalBytes, keepBytes: totalBytes, allocate });
  const head = { ...of.head, totalBytes };
  fill.settle({
    ...{ is: 'streaming', head, lifetime: of.lifetime, vary: [], tee },
    ...{ kept: true, shared: true },
  });
  try {
    await pour(components, { taking, tee, totalBytes, hasher: undefined, share, mustKeep: false });
    const body = tee.body ?? Buffer.alloc(0);
    // Only its body is ever used: what is said about it is said of the whole.
    const object: StoredResponse = {
      ...of,
      ...{ key: fill.key, head: { ...head, fields: [] }, body, slices: undefined, vary: [] },
      rendered: undefined,
    };
    if (!fill.isPurged(of.tags) && tier.peek(of.key)?.slices?.version === of.slices?.version) {
      tier.set(object);
      backing.write(object);
    }
    return object;
  } catch (error) {
    tee.fail(asUpstreamError(error));
    throw error;
  } finally {
    share.release();
  }
}
