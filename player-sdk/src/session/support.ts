import type { PeerTransport } from '../transport/transport.js';
import type { OffReason } from './stats.js';

/** What keeps this page from sharing; undefined: nothing. */
export function obstacle(
  peers: boolean,
  sha256: unknown,
  transport: Pick<PeerTransport, 'supported'>,
): OffReason | undefined {
  if (!peers) return 'turned off here';
  if (sha256 === undefined) return 'insecure page';
  if (!transport.supported) return 'no WebRTC';
  return undefined;
}
