import type { SessionStats } from './stats.js';

/** Of a session that plays nothing. */
export function emptyStats(): SessionStats {
  return {
    state: 'idle',
    detail: '',
    presentation: undefined,
    self: undefined,
    room: undefined,
    arm: undefined,
    peers: 0,
    edgeBytes: 0,
    peerBytes: 0,
    memoryBytes: 0,
    uploadedBytes: 0,
    uploadedTodayBytes: 0,
    relayedBytes: 0,
    uploading: 'off: not joined yet',
    viewerShares: true,
    wastedBytes: 0,
    heldBytes: 0,
    offload: 0,
    watchedMs: 0,
    rebufferMs: 0,
    rebuffers: 0,
    blamedPeers: 0,
    segments: [],
  };
}
