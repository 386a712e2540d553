import { ProtocolError } from '../errors.js';
import { Fields, parseJson } from '../json/fields.js';
import {
  MAX_PATH_BYTES,
  MAX_PEERS_LISTED,
  MAX_PURGED_LISTED,
  MAX_SEGMENT_BYTES,
  MAX_SIGNAL_PAYLOAD_BYTES,
  MAX_SIGNALING_BYTES,
  MAX_TOKEN_CHARACTERS,
  MAX_WANTED_DIGESTS,
} from '../limits.js';
import {
  ARMS,
  type EdgeMessage,
  type IceServer,
  type PlayerMessage,
  SWARM_MODES,
  type SwarmConfig,
  type WantedSegment,
} from './messages.js';

const MAX_NAME = 64;
const MAX_ICE_SERVERS = 8;
const MAX_OTHER_EDGES = 16;

/** Reads a text message that a player sent. @throws ProtocolError on anything but one of `PlayerMessage`. */
export function parsePlayerMessage(text: string): PlayerMessage {
  const fields = parseJson(text, MAX_SIGNALING_BYTES, 'player message');
  const type = fields.text('type');
  switch (type) {
    case 'join':
      return {
        type,
        version: fields.count('version', 255),
        presentation: readPath(fields, 'presentation'),
        viewer: fields.text('viewer', MAX_NAME),
        session: fields.text('session', MAX_NAME),
        upload: fields.flag('upload'),
        ...(fields.has('uploadBytesPerSecond')
          ? { uploadBytesPerSecond: fields.count('uploadBytesPerSecond') }
          : {}),
        ...(fields.has('awayMs') ? { awayMs: fields.count('awayMs') } : {}),
      };
    case 'signal':
      return {
        type,
        to: fields.text('to', MAX_NAME),
        payload: fields.text('payload', MAX_SIGNAL_PAYLOAD_BYTES),
      };
    case 'want-digests':
      return { type, segments: fields.list('segments', MAX_WANTED_DIGESTS, readWanted) };
    case 'peer-failed':
      return {
        type,
        peer: fields.text('peer', MAX_NAME),
        reason: fields.oneOf('reason', ['unreachable', 'lost', 'misbehaved']),
      };
    case 'status':
      return {
        type,
        positionMs: fields.count('positionMs'),
        uploads: fields.list('uploads', MAX_PEERS_LISTED, (item) => {
          const upload = new Fields(item, 'measured upload');
          return { peer: upload.text('peer', MAX_NAME), bytesPerSecond: upload.count('bytesPerSecond') };
        }),
      };
    case 'token':
      return { type, token: fields.text('token', MAX_TOKEN_CHARACTERS) };
    case 'leave':
      return { type };
    default:
      throw new ProtocolError('bad-type', `player message of type ${type}`);
  }
}

/** Reads a text message that an edge sent. @throws ProtocolError on anything but one of `EdgeMessage`. */
export function parseEdgeMessage(text: string): EdgeMessage {
  const fields = parseJson(text, MAX_SIGNALING_BYTES, 'edge message');
  const type = fields.text('type');
  switch (type) {
    case 'welcome':
      return {
        type,
        version: fields.count('version', 255),
        peer: fields.text('peer', MAX_NAME),
        room: fields.text('room', MAX_PATH_BYTES * 2),
        arm: fields.oneOf('arm', ARMS),
        config: readConfig(fields.object('config')),
        iceServers: fields.list('iceServers', MAX_ICE_SERVERS, readIceServer),
      };
    case 'peers':
      return {
        type,
        meet: fields.list('meet', MAX_PEERS_LISTED, (item) => {
          const peer = new Fields(item, 'introduction');
          return { peer: peer.text('peer', MAX_NAME), offer: peer.flag('offer') };
        }),
        gone: fields.list('gone', MAX_PEERS_LISTED, readName),
        ...(fields.has('expelled') ? { expelled: fields.list('expelled', MAX_PEERS_LISTED, readName) } : {}),
      };
    case 'signal':
      return {
        type,
        from: fields.text('from', MAX_NAME),
        payload: fields.text('payload', MAX_SIGNAL_PAYLOAD_BYTES),
      };
    case 'config':
      return { type, config: readConfig(fields.object('config')) };
    case 'ice':
      return { type, iceServers: fields.list('iceServers', MAX_ICE_SERVERS, readIceServer) };
    case 'renew':
      return { type, withinMs: fields.count('withinMs') };
    case 'purged':
      return {
        type,
        paths: fields.list('paths', MAX_PURGED_LISTED, readListedPath),
        prefixes: fields.list('prefixes', MAX_PURGED_LISTED, readListedPath),
      };
    case 'error':
      return {
        type,
        code: fields.text('code'),
        message: fields.text('message', 1024),
        retry: fields.flag('retry'),
        ...(fields.has('retryAfterMs') ? { retryAfterMs: fields.count('retryAfterMs', 3_600_000) } : {}),
        ...(fields.has('meet') ? { meet: fields.list('meet', MAX_OTHER_EDGES, readName) } : {}),
      };
    default:
      throw new ProtocolError('bad-type', `edge message of type ${type}`);
  }
}

function readConfig(fields: Fields): SwarmConfig {
  return {
    mode: fields.oneOf('mode', SWARM_MODES),
    maxPeers: fields.count('maxPeers', 1000),
    uploadBytesPerSecond: fields.count('uploadBytesPerSecond'),
  };
}

function readIceServer(item: unknown): IceServer {
  const fields = new Fields(item, 'ICE server');
  return {
    urls: fields.list('urls', MAX_ICE_SERVERS, readName),
    ...(fields.has('username') ? { username: fields.text('username') } : {}),
    ...(fields.has('credential') ? { credential: fields.text('credential') } : {}),
  };
}

function readWanted(item: unknown): WantedSegment {
  const fields = new Fields(item, 'wanted segment');
  const path = readPath(fields, 'path');
  if (!fields.has('range')) return { path };
  const range = fields.object('range');
  return { path, range: { start: range.count('start'), bytes: range.count('bytes', MAX_SEGMENT_BYTES) } };
}

function readPath(fields: Fields, field: string): string {
  const path = fields.text(field, MAX_PATH_BYTES);
  if (!path.startsWith('/')) throw new ProtocolError('bad-value', `${field} is not an absolute path`);
  return path;
}

function readListedPath(item: unknown): string {
  if (typeof item !== 'string' || !item.startsWith('/'))
    throw new ProtocolError('bad-value', 'a path in a list');
  if (item.length > MAX_PATH_BYTES) throw new ProtocolError('too-large', 'a path in a list');
  return item;
}

function readName(item: unknown): string {
  if (typeof item !== 'string' || item.length > 256) throw new ProtocolError('bad-value', 'a name in a list');
  return item;
}
