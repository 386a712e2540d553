import type { SegmentHasher } from '../digests/segment-digests.js';
import { UpstreamError } from '../upstream/upstream-error.js';
import type { BodyTee } from './body-tee.js';
import type { FillShare } from './fill-memory.js';
import type { FillComponents, Taking } from './order.js';

/** A body on its way from the origin into the tee. */
export interface Pouring {
  readonly taking: Taking;
  readonly tee: BodyTee;
  readonly totalBytes: number | undefined;
  readonly hasher: SegmentHasher | undefined;
  readonly share: FillShare;
  readonly mustKeep: boolean;
}

export async function pour(
  components: FillComponents,
  { taking, tee, totalBytes, hasher, share, mustKeep }: Pouring,
): Promise<void> {
  const { tally } = components;
  for await (const chunk of taking.response.body) {
    tally.received(taking.response, chunk.length);
    if (totalBytes !== undefined && tee.receivedBytes + chunk.length > totalBytes) {
      throw new UpstreamError('origin-length', `more than the ${totalBytes} bytes declared`);
    }
    if (totalBytes === undefined && !tee.overflown) claim(share, chunk.length);
    const room = tee.write(chunk);
    hasher?.update(chunk);
    if (tee.overflown) overflow(components, taking, mustKeep);
    if (room !== undefined) await room;
  }
  if (totalBytes !== undefined && tee.receivedBytes < totalBytes) {
    throw new UpstreamError('origin-length', `${tee.receivedBytes} of the ${totalBytes} bytes declared`);
  }
  tee.end();
}

/** More came than may be stored: those who are here get it all, those who come go alone. */
function overflow(components: FillComponents, { fill, order }: Taking, mustKeep: boolean): void {
  if (mustKeep) {
    throw new UpstreamError('origin-bad-response', 'the playlist is larger than cache.maxObjectBytes');
  }
  components.marks.set(order.primaryKey, 'too-large');
  components.table.unlist(fill);
  fill.finish({ is: 'not-stored' });
}

export function claim(share: FillShare, bytes: number): void {
  if (!share.take(bytes)) throw new UpstreamError('fill-memory', 'limits.fillBytes are on their way already');
}
