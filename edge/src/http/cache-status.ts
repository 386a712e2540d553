/** Why a request went to the origin (RFC 9211 section 2.2). */
export type ForwardReason = 'uri-miss' | 'vary-miss' | 'stale' | 'bypass' | 'method' | 'partial';

/** How a response came about. */
export type CacheStatus =
  | { readonly hit: true; readonly ttlSeconds: number; readonly detail?: string }
  | {
      readonly hit: false;
      readonly forward: ForwardReason;
      /** Status that the origin answered with, where it did. */
      readonly forwardStatus?: number | undefined;
      readonly stored?: boolean;
      /** Another request's fill was waited for. */
      readonly collapsed?: boolean;
      readonly ttlSeconds?: number | undefined;
      readonly detail?: string | undefined;
    };

/** `Cache-Status` of RFC 9211, with `eddy` as the cache's name. */
export function formatCacheStatus(status: CacheStatus): string {
  if (status.hit) {
    const detail = status.detail === undefined ? '' : `; detail=${status.detail}`;
    return `eddy; hit; ttl=${status.ttlSeconds}${detail}`;
  }
  let text = `eddy; fwd=${status.forward}`;
  if (status.forwardStatus !== undefined) text += `; fwd-status=${status.forwardStatus}`;
  if (status.ttlSeconds !== undefined) text += `; ttl=${status.ttlSeconds}`;
  if (status.stored === true) text += '; stored';
  if (status.collapsed === true) text += '; collapsed';
  if (status.detail !== undefined) text += `; detail=${status.detail}`;
  return text;
}

/** `Cache-Status` of a response that no cache and no origin had part in. */
export function formatRefusedStatus(reason: string): string {
  return `eddy; detail=${reason}`;
}
