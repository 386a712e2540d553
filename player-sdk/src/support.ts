import { pageSha256 } from './digests/verify.js';

/**
 * Whether this page can share segments: it has WebRTC, and hashes (`crypto.subtle`), which browsers keep from
 * pages that came over plain http from anywhere but this machine. Where it is false `attachEddy` still works, and
 * playback is plain hls.js. False on a server.
 */
export function isSupported(): boolean {
  return pageSha256() !== undefined && typeof globalThis.RTCPeerConnection === 'function';
}
