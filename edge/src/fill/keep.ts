import type { NoStoreReason } from '../cache/storability.js';
import type { StoredResponse } from '../cache/stored-response.js';
import type { UpstreamResponse } from '../upstream/upstream.js';
import type { Fill } from './fill.js';
import type { FillComponents, FillOrder, Taking } from './order.js';

/** Puts an object where it belongs. False: it may not stay, and whatever was there is gone too. */
export function keep(
  components: FillComponents,
  fill: Fill,
  order: FillOrder,
  object: StoredResponse,
): boolean {
  const { tier, backing, marks, varies, digests, onStored } = components;
  if (fill.isPurged(object.tags)) return false;
  const before = tier.peek(object.key);
  const replaced = before !== undefined && before.body !== object.body && !before.body.equals(object.body);
  if (replaced) digests.invalidate(object.path);
  marks.delete(order.primaryKey);
  varies.learn(order.primaryKey, object.vary);
  if (!worthKeeping(object)) {
    drop(components, object.key);
    return false;
  }
  tier.set(object);
  if (order.stale?.body === object.body) {
    backing.refresh(object);
    digests.confirm(object.path);
  } else backing.write(object);
  onStored?.(object);
  return true;
}

export function drop({ tier, backing }: FillComponents, key: string): void {
  tier.delete(key);
  backing.delete(key);
}

/** The response goes to one request; the others ask for themselves. */
export function goAlone(
  components: FillComponents,
  { fill, order, response }: Taking,
  reason: NoStoreReason,
): void {
  components.marks.set(order.primaryKey, reason);
  // What the origin no longer lets anybody share is not shared from the cache either.
  if (reason !== 'authorization' && reason !== 'too-large') drop(components, order.variantKey);
  let free: UpstreamResponse | undefined = response;
  const take = (): UpstreamResponse | undefined => {
    const taken = free;
    free = undefined;
    return taken;
  };
  // Those who wait take it as soon as they hear of it; after that nobody will.
  setImmediate(() => take()?.body.discard());
  fill.settle({ is: 'alone', reason, take });
}

/** A response that can neither be used as it is nor asked about again only takes room. */
function worthKeeping({ head, lifetime }: StoredResponse): boolean {
  const { freshMs, staleIfErrorMs, staleWhileRevalidateMs } = lifetime;
  return (
    freshMs + Math.max(staleIfErrorMs, staleWhileRevalidateMs) > head.initialAgeMs ||
    (head.status === 200 && (head.etag !== undefined || head.lastModified !== undefined))
  );
}
