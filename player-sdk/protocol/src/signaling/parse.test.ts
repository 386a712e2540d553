import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ProtocolErrorCode } from '../errors.js';
import {
  MAX_PATH_BYTES,
  MAX_PEERS_LISTED,
  MAX_SEGMENT_BYTES,
  MAX_SIGNAL_PAYLOAD_BYTES,
  MAX_SIGNALING_BYTES,
  MAX_WANTED_DIGESTS,
} from '../limits.js';
import { itIsASafeReader } from '../testing/json-properties.js';
import { ARMS, type EdgeMessage, type PlayerMessage, SWARM_MODES } from './messages.js';
import { parseEdgeMessage, parsePlayerMessage } from './parse.js';

const name = fc.string({ maxLength: 64 });
const path = fc.string({ maxLength: 100 }).map((text) => `/${text}`);
const version = fc.nat(255);
const config = fc.record({
  mode: fc.constantFrom(...SWARM_MODES),
  maxPeers: fc.nat(1000),
  uploadBytesPerSecond: fc.maxSafeNat(),
});
const iceServer = fc.record(
  { urls: fc.array(name, { maxLength: 8 }), username: name, credential: name },
  { requiredKeys: ['urls'] },
);
const wanted = fc.record(
  { path, range: fc.record({ start: fc.maxSafeNat(), bytes: fc.nat(MAX_SEGMENT_BYTES) }) },
  { requiredKeys: ['path'] },
);

const playerMessage: fc.Arbitrary<PlayerMessage> = fc.oneof(
  fc.record({
    type: fc.constant('join' as const),
    version,
    presentation: path,
    viewer: name,
    session: name,
    upload: fc.boolean(),
  }),
  fc.record({ type: fc.constant('signal' as const), to: name, payload: fc.string() }),
  fc.record({ type: fc.constant('want-digests' as const), segments: fc.array(wanted, { maxLength: 9 }) }),
  fc.record({
    type: fc.constant('peer-failed' as const),
    peer: name,
    reason: fc.constantFrom('unreachable' as const, 'lost' as const, 'misbehaved' as const),
  }),
  fc.record({ type: fc.constant('leave' as const) }),
);

const edgeMessage: fc.Arbitrary<EdgeMessage> = fc.oneof(
  fc.record({
    type: fc.constant('welcome' as const),
    version,
    peer: name,
    room: name,
    arm: fc.constantFrom(...ARMS),
    config,
    iceServers: fc.array(iceServer, { maxLength: 8 }),
  }),
  fc.record({
    type: fc.constant('peers' as const),
    meet: fc.array(fc.record({ peer: name, offer: fc.boolean() }), { maxLength: 9 }),
    gone: fc.array(name, { maxLength: 9 }),
  }),
  fc.record({ type: fc.constant('signal' as const), from: name, payload: fc.string() }),
  fc.record({ type: fc.constant('config' as const), config }),
  fc.record({ type: fc.constant('error' as const), code: name, message: name, retry: fc.boolean() }),
);

describe("players' messages", () => {
  itIsASafeReader(parsePlayerMessage, playerMessage);

  const join = { type: 'join', version: 1, presentation: '/v/', viewer: 'v', session: 's', upload: true };
  it.each<[string, ProtocolErrorCode, object]>([
    ['an unknown type', 'bad-type', { type: 'welcome' }],
    ['a presentation that is no path', 'bad-value', { ...join, presentation: 'v/' }],
    ['too long a presentation', 'too-large', { ...join, presentation: `/${'x'.repeat(MAX_PATH_BYTES)}` }],
    ['too long a viewer', 'too-large', { ...join, viewer: 'x'.repeat(65) }],
    ['a version that is no whole number', 'bad-value', { ...join, version: 1.5 }],
    ['a negative version', 'bad-value', { ...join, version: -1 }],
    [
      'too large a payload',
      'too-large',
      { type: 'signal', to: 'p', payload: 'x'.repeat(MAX_SIGNAL_PAYLOAD_BYTES + 1) },
    ],
    [
      'too many wants',
      'too-large',
      {
        type: 'want-digests',
        segments: Array.from({ length: MAX_WANTED_DIGESTS + 1 }, () => ({ path: '/' })),
      },
    ],
    [
      'too large a range',
      'bad-value',
      { type: 'want-digests', segments: [{ path: '/', range: { start: 0, bytes: MAX_SEGMENT_BYTES + 1 } }] },
    ],
  ])('are refused with %s', (_what, code, message) => {
    expect(() => parsePlayerMessage(JSON.stringify(message))).toThrow(expect.objectContaining({ code }));
  });

  it('are refused over the limit before they are parsed', () => {
    const text = '['.repeat(MAX_SIGNALING_BYTES + 1);
    expect(() => parsePlayerMessage(text)).toThrow(expect.objectContaining({ code: 'too-large' }));
  });

  it('cannot reach what objects inherit', () => {
    const text = '{"__proto__":{"type":"leave"}}';
    expect(() => parsePlayerMessage(text)).toThrow(expect.objectContaining({ code: 'bad-value' }));
  });
});

describe("the edge's messages", () => {
  itIsASafeReader(parseEdgeMessage, edgeMessage);

  it('are refused with more peers than a message lists', () => {
    const gone = Array.from({ length: MAX_PEERS_LISTED + 1 }, () => 'p');
    expect(() => parseEdgeMessage(JSON.stringify({ type: 'peers', meet: [], gone }))).toThrow(
      expect.objectContaining({ code: 'too-large' }),
    );
  });
});
