import { describe, expect, it } from 'vitest';
import type { ProtocolErrorCode } from '../errors.js';
import {
  MAX_PATH_BYTES,
  MAX_PEERS_LISTED,
  MAX_SEGMENT_BYTES,
  MAX_SIGNAL_PAYLOAD_BYTES,
  MAX_SIGNALING_BYTES,
  MAX_TOKEN_CHARACTERS,
  MAX_WANTED_DIGESTS,
  PROTOCOL_VERSION,
} from '../limits.js';
import { parseEdgeMessage, parsePlayerMessage } from './parse.js';

describe("players' messages", () => {
  const join = {
    type: 'join',
    version: PROTOCOL_VERSION,
    presentation: '/v/',
    viewer: 'v',
    session: 's',
    upload: true,
  };
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
    ['a status without a place', 'bad-value', { type: 'status', uploads: [] }],
    [
      'too many measured uploads',
      'too-large',
      {
        type: 'status',
        positionMs: 0,
        uploads: Array.from({ length: MAX_PEERS_LISTED + 1 }, () => ({ peer: 'p', bytesPerSecond: 1 })),
      },
    ],
    ['too long a token', 'too-large', { type: 'token', token: 'x'.repeat(MAX_TOKEN_CHARACTERS + 1) }],
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
  it.each([
    ['a path that is none', 'bad-value', { type: 'purged', paths: ['v/1.ts'], prefixes: [] }],
    [
      'too long a wait',
      'bad-value',
      { type: 'error', code: 'c', message: '', retry: true, retryAfterMs: 1e9 },
    ],
  ])('are refused with %s', (_what, code, message) => {
    expect(() => parseEdgeMessage(JSON.stringify(message))).toThrow(expect.objectContaining({ code }));
  });

  it('are refused with more peers than a message lists', () => {
    const gone = Array.from({ length: MAX_PEERS_LISTED + 1 }, () => 'p');
    expect(() => parseEdgeMessage(JSON.stringify({ type: 'peers', meet: [], gone }))).toThrow(
      expect.objectContaining({ code: 'too-large' }),
    );
  });
});
