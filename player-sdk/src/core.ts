/** The session for who brings components of their own: players outside a browser, measurements. */
export type { Clock, Timers } from './components.js';
export type { HlsPlayer, PlayerListener } from './hls/player.js';
export { type SessionComponents, startSession } from './session.js';
export type { OpenSocket } from './signaling/socket.js';
export { SimplePeerTransport } from './transport/simple-peer-transport.js';
