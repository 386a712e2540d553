import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeDigestBlock, encodeDigestBlock, type SegmentDigest } from './digest/block.js';
import { ProtocolError } from './errors.js';
import { MAX_CHUNKS, MAX_SEGMENT_BYTES } from './limits.js';
import { ARMS, type EdgeMessage, type PlayerMessage, SWARM_MODES } from './signaling/messages.js';
import { parseEdgeMessage, parsePlayerMessage } from './signaling/parse.js';
import { decodeFrame, encodeFrame } from './wire/codec.js';
import { FAREWELLS, type PeerFrame, REFUSALS } from './wire/frames.js';

// What holds for every form that the protocol reads: each room's own tests have its known answers and limits.

const byte = fc.nat(255);
const number32 = fc.nat(0xffff_ffff);
const varint = fc.oneof(fc.nat(300), fc.maxSafeNat());
const hash = fc.uint8Array({ minLength: 32, maxLength: 32 });
const runs = fc.array(fc.record({ first: varint, count: fc.nat(0xffff) }), { maxLength: 20 });
const range = fc
  .tuple(fc.nat(MAX_CHUNKS - 1), fc.nat(MAX_CHUNKS - 1))
  .map(([first, more]) => ({ first, count: 1 + Math.min(more, MAX_CHUNKS - 1 - first) }));

const frame: fc.Arbitrary<PeerFrame> = fc.oneof(
  fc.record({ type: fc.constant('hello' as const), version: byte, upload: fc.boolean() }),
  fc.record({ type: fc.constantFrom('have' as const, 'lost' as const), rendition: number32, runs }),
  fc.record({ type: fc.constant('claim' as const), rendition: number32, sequence: varint }),
  fc
    .record({ id: varint, root: hash, range, leaves: fc.boolean() })
    .map(({ id, root, range: { first, count }, leaves }) => ({
      type: 'request' as const,
      id,
      root,
      first,
      count,
      leaves,
    })),
  fc.record({ type: fc.constant('leaves' as const), id: varint, leaves: fc.array(hash, { maxLength: 12 }) }),
  fc.record({
    type: fc.constant('chunk' as const),
    id: varint,
    index: fc.nat(MAX_CHUNKS - 1),
    payload: fc.uint8Array({ maxLength: 300 }),
  }),
  fc.record({ type: fc.constant('refuse' as const), id: varint, reason: fc.constantFrom(...REFUSALS) }),
  fc.record({ type: fc.constant('cancel' as const), id: varint }),
  fc.record({
    type: fc.constant('parts' as const),
    rendition: fc.nat(0xffffffff),
    sequence: varint,
    runs: fc.array(fc.record({ first: fc.nat(511), count: fc.nat(113) }), { maxLength: 9 }),
  }),
  fc.record({ type: fc.constant('bye' as const), reason: fc.constantFrom(...FAREWELLS) }),
);

const digest: fc.Arbitrary<SegmentDigest> = fc.record({
  path: fc.string({ unit: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)) }),
  start: fc.maxSafeNat(),
  bytes: fc.nat(MAX_SEGMENT_BYTES),
  root: fc.uint8Array({ minLength: 32, maxLength: 32 }),
});

const name = fc.string({ maxLength: 64 });
const path = fc.string({ maxLength: 100 }).map((text) => `/${text}`);
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
  fc.record(
    {
      type: fc.constant('join' as const),
      version: byte,
      presentation: path,
      viewer: name,
      session: name,
      upload: fc.boolean(),
      uploadBytesPerSecond: fc.maxSafeNat(),
      awayMs: fc.maxSafeNat(),
    },
    { requiredKeys: ['type', 'version', 'presentation', 'viewer', 'session', 'upload'] },
  ),
  fc.record({
    type: fc.constant('status' as const),
    positionMs: fc.maxSafeNat(),
    uploads: fc.array(fc.record({ peer: name, bytesPerSecond: fc.maxSafeNat() }), { maxLength: 9 }),
  }),
  fc.record({ type: fc.constant('token' as const), token: name }),
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
    version: byte,
    peer: name,
    room: name,
    arm: fc.constantFrom(...ARMS),
    config,
    iceServers: fc.array(iceServer, { maxLength: 8 }),
  }),
  fc.record(
    {
      type: fc.constant('peers' as const),
      meet: fc.array(fc.record({ peer: name, offer: fc.boolean() }), { maxLength: 9 }),
      gone: fc.array(name, { maxLength: 9 }),
      expelled: fc.array(name, { maxLength: 9 }),
    },
    { requiredKeys: ['type', 'meet', 'gone'] },
  ),
  fc.record({ type: fc.constant('signal' as const), from: name, payload: fc.string() }),
  fc.record({ type: fc.constant('config' as const), config }),
  fc.record({ type: fc.constant('ice' as const), iceServers: fc.array(iceServer, { maxLength: 8 }) }),
  fc.record({ type: fc.constant('renew' as const), withinMs: fc.maxSafeNat() }),
  fc.record({
    type: fc.constant('purged' as const),
    paths: fc.array(path, { maxLength: 9 }),
    prefixes: fc.array(path, { maxLength: 9 }),
  }),
  fc.record(
    {
      type: fc.constant('error' as const),
      code: name,
      message: name,
      retry: fc.boolean(),
      retryAfterMs: fc.nat(3_600_000),
      meet: fc.array(name, { maxLength: 16 }),
    },
    { requiredKeys: ['type', 'code', 'message', 'retry'] },
  ),
);

describe('peer frames', () => {
  itIsASafeCodec({
    encode: encodeFrame,
    decode: decodeFrame,
    values: frame,
    openEnded: ({ type }) => type === 'chunk',
  });
});

describe('digest blocks', () => {
  itIsASafeCodec({
    encode: encodeDigestBlock,
    decode: decodeDigestBlock,
    values: fc.array(digest, { maxLength: 5 }),
  });
});

describe("players' messages", () => itIsASafeReader(parsePlayerMessage, playerMessage));

describe("the edge's messages", () => itIsASafeReader(parseEdgeMessage, edgeMessage));

/** A binary form: what it says goes in, bytes come out, and back. */
interface Codec<Value> {
  encode(value: Value): Uint8Array<ArrayBuffer>;
  decode(bytes: Uint8Array): Value;
  readonly values: fc.Arbitrary<Value>;
  /** A shorter message can be another, whole, one (a chunk whose payload runs to the end). */
  readonly openEnded?: (value: Value) => boolean;
}

/** What every decoder of untrusted bytes owes. */
function itIsASafeCodec<Value>({ encode, decode, values, openEnded = () => false }: Codec<Value>): void {
  it('gives back what was put in', () => {
    fc.assert(
      fc.property(values, (value) => {
        expect(decode(encode(value))).toEqual(value);
      }),
    );
  });

  it('reads from the middle of a larger buffer', () => {
    fc.assert(
      fc.property(values, fc.nat(16), (value, offset) => {
        const bytes = encode(value);
        const larger = new Uint8Array(bytes.length + offset + 16).fill(0xaa);
        larger.set(bytes, offset);
        expect(decode(larger.subarray(offset, offset + bytes.length))).toEqual(value);
      }),
    );
  });

  it('refuses a message that is cut short at any byte', () => {
    fc.assert(
      fc.property(values, (value) => {
        if (openEnded(value)) return;
        const bytes = encode(value);
        for (let length = 0; length < bytes.length; length++) {
          expect(() => decode(bytes.subarray(0, length))).toThrow(ProtocolError);
        }
      }),
      { numRuns: 50 },
    );
  });

  it('refuses bytes after the end', () => {
    fc.assert(
      fc.property(values, fc.uint8Array({ minLength: 1, maxLength: 8 }), (value, more) => {
        if (openEnded(value)) return;
        const bytes = encode(value);
        const longer = new Uint8Array(bytes.length + more.length);
        longer.set(bytes);
        longer.set(more, bytes.length);
        expect(() => decode(longer)).toThrow(ProtocolError);
      }),
    );
  });

  it('throws nothing but ProtocolError at garbage, and what it does accept has one form', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 512 }), (garbage) =>
        throwsOnlyProtocolErrors(decode, encode, garbage),
      ),
      { numRuns: 2_000 },
    );
  });

  it('throws nothing but ProtocolError at a message with a few bytes changed', () => {
    const changes = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(values, changes, (value, places) => {
        const bytes = encode(value);
        for (const [place, byte] of places) bytes[place % Math.max(1, bytes.length)] = byte;
        throwsOnlyProtocolErrors(decode, encode, bytes);
      }),
      { numRuns: 500 },
    );
  });
}

function throwsOnlyProtocolErrors<Value>(
  decode: (bytes: Uint8Array) => Value,
  encode: (value: Value) => Uint8Array,
  bytes: Uint8Array,
): void {
  let value: Value;
  try {
    value = decode(bytes);
  } catch (error) {
    expect(error).toBeInstanceOf(ProtocolError);
    return;
  }
  expect(encode(value)).toEqual(Uint8Array.from(bytes));
}

/** What every reader of untrusted JSON owes. `values` are valid messages. */
function itIsASafeReader<Value>(parse: (text: string) => Value, values: fc.Arbitrary<Value>): void {
  it('reads what was written', () => {
    fc.assert(
      fc.property(values, (value) => {
        expect(parse(JSON.stringify(value))).toEqual(value);
      }),
    );
  });

  it('ignores fields that it does not know', () => {
    fc.assert(
      fc.property(values, (value) => {
        expect(parse(JSON.stringify({ ...value, fromTheFuture: [1] }))).toEqual(value);
      }),
    );
  });

  it('throws nothing but ProtocolError at text that is cut short', () => {
    fc.assert(
      fc.property(values, (value) => {
        const text = JSON.stringify(value);
        for (let length = 0; length < text.length; length += 1 + Math.floor(text.length / 200)) {
          expect(() => parse(text.slice(0, length))).toThrow(ProtocolError);
        }
      }),
      { numRuns: 50 },
    );
  });

  it('throws nothing but ProtocolError at any text and any JSON', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(() => parse(text)).toThrow(ProtocolError);
      }),
    );
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(() => parse(text)).toThrow(ProtocolError);
      }),
    );
  });

  it('throws nothing but ProtocolError when any one field is missing or something else', () => {
    fc.assert(
      fc.property(values, fc.nat(), fc.jsonValue(), (value, at, other) => {
        const whole: [string, unknown][] = Object.entries(value ?? {});
        const index = at % whole.length;
        const missing = whole.filter((_, place) => place !== index);
        const replaced = whole.map(([name, kept], place) => [name, place === index ? other : kept]);
        for (const entries of [missing, replaced]) {
          try {
            parse(JSON.stringify(Object.fromEntries(entries)));
          } catch (error) {
            expect(error).toBeInstanceOf(ProtocolError);
          }
        }
      }),
      { numRuns: 300 },
    );
  });
}
