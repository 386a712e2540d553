// What the bench's simulator drives. No part of the public API: it changes without notice.
export type { Allocate, Clock, Random, Timers } from './components.js';
export type { FetchBlock } from './digests/block-reader.js';
export { type HlsPlayer, PLAYER_EVENTS, type PlayerListener } from './hls/player.js';
export type { FrameCodec } from './mesh/frame-codec.js';
export type { EddyOptions } from './options.js';
export { SCHEDULE_DEFAULTS, type ScheduleOptions } from './schedule/options.js';
export { type EddySession, type SessionComponents, startSession } from './session.js';
export type { OpenSocket } from './signaling/socket.js';
export { SimplePeerTransport } from './transport/simple-peer-transport.js';
export type {
  ConnectionEvents,
  ConnectOptions,
  PeerConnection,
  PeerTransport,
} from './transport/transport.js';
