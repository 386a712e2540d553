import { ByteReader } from '../bytes/reader.js';
import { ByteWriter } from '../bytes/writer.js';
import { HASH_BYTES } from '../digest/merkle.js';
import { ProtocolError } from '../errors.js';
import { CHUNK_BYTES, MAX_CHUNKS, MAX_FRAME_BYTES, MAX_HAVE_RUNS } from '../limits.js';
import { FAREWELLS, type PeerFrame, REFUSALS, type SequenceRun } from './frames.js';

/** First byte of a frame. Numbers are for ever; a new meaning takes a new number. */
const TYPE = {
  hello: 1,
  have: 2,
  lost: 3,
  claim: 4,
  request: 5,
  leaves: 6,
  chunk: 7,
  refuse: 8,
  cancel: 9,
  bye: 10,
  parts: 11,
} as const satisfies Record<PeerFrame['type'], number>;

/** @throws ProtocolError when a field is over its limit. */
export function encodeFrame(frame: PeerFrame): Uint8Array<ArrayBuffer> {
  const writer = new ByteWriter(frame.type === 'chunk' ? frame.payload.length + 16 : 64);
  writer.u8(TYPE[frame.type]);
  switch (frame.type) {
    case 'hello':
      return writer
        .u8(frame.version)
        .u8(frame.upload ? 1 : 0)
        .finish();
    case 'have':
    case 'lost':
      writer.u32(frame.rendition);
      writeRuns(writer, frame.runs);
      return writer.finish();
    case 'parts':
      if (chunksIn(frame.runs) > MAX_CHUNKS) throw new ProtocolError('too-large', 'parts of a segment');
      writer.u32(frame.rendition).varint(frame.sequence);
      writeRuns(writer, frame.runs);
      return writer.finish();
    case 'claim':
      return writer.u32(frame.rendition).varint(frame.sequence).finish();
    case 'request':
      if (frame.root.length !== HASH_BYTES) throw new ProtocolError('bad-value', 'root length');
      writer.varint(frame.id).bytes(frame.root).varint(frame.first).varint(frame.count);
      return writer.u8(frame.leaves ? 1 : 0).finish();
    case 'leaves':
      if (frame.leaves.length > MAX_CHUNKS)
        throw new ProtocolError('too-large', `${frame.leaves.length} leaves`);
      writer.varint(frame.id).varint(frame.leaves.length);
      for (const leaf of frame.leaves) writer.bytes(leaf);
      return writer.finish();
    case 'chunk':
      if (frame.payload.length > CHUNK_BYTES) throw new ProtocolError('too-large', 'chunk payload');
      return writer.varint(frame.id).varint(frame.index).bytes(frame.payload).finish();
    case 'refuse':
      return writer.varint(frame.id).u8(REFUSALS.indexOf(frame.reason)).finish();
    case 'cancel':
      return writer.varint(frame.id).finish();
    case 'bye':
      return writer.u8(FAREWELLS.indexOf(frame.reason)).finish();
  }
}

/** @throws ProtocolError on anything but one well-formed frame. A chunk's payload is a view into `message`. */
export function decodeFrame(message: Uint8Array): PeerFrame {
  if (message.length > MAX_FRAME_BYTES)
    throw new ProtocolError('too-large', `frame of ${message.length} bytes`);
  const reader = new ByteReader(message);
  const frame = readFrame(reader);
  reader.end(frame.type);
  return frame;
}

function readFrame(reader: ByteReader): PeerFrame {
  const type = reader.u8('type');
  switch (type) {
    case TYPE.hello:
      return { type: 'hello', version: reader.u8('version'), upload: readFlag(reader, 'upload') };
    case TYPE.have:
      return { type: 'have', rendition: reader.u32('rendition'), runs: readRuns(reader) };
    case TYPE.lost:
      return { type: 'lost', rendition: reader.u32('rendition'), runs: readRuns(reader) };
    case TYPE.parts: {
      const name = { rendition: reader.u32('rendition'), sequence: reader.varint('sequence') };
      return { type: 'parts', ...name, runs: readChunkRuns(reader) };
    }
    case TYPE.claim:
      return { type: 'claim', rendition: reader.u32('rendition'), sequence: reader.varint('sequence') };
    case TYPE.request: {
      const id = reader.varint('id');
      const root = reader.bytes(HASH_BYTES, 'root').slice();
      const first = reader.varint('first', MAX_CHUNKS - 1);
      const count = reader.varint('count', MAX_CHUNKS - first);
      if (count === 0) throw new ProtocolError('bad-value', 'a request for no chunks');
      return { type: 'request', id, root, first, count, leaves: readFlag(reader, 'leaves') };
    }
    case TYPE.leaves: {
      const id = reader.varint('id');
      const count = reader.varint('leaf count', MAX_CHUNKS);
      const leaves: Uint8Array[] = [];
      for (let index = 0; index < count; index++) leaves.push(reader.bytes(HASH_BYTES, 'leaf').slice());
      return { type: 'leaves', id, leaves };
    }
    case TYPE.chunk: {
      const id = reader.varint('id');
      const index = reader.varint('index', MAX_CHUNKS - 1);
      if (reader.remaining > CHUNK_BYTES) throw new ProtocolError('too-large', 'chunk payload');
      return { type: 'chunk', id, index, payload: reader.bytes(reader.remaining, 'payload') };
    }
    case TYPE.refuse:
      return { type: 'refuse', id: reader.varint('id'), reason: readWord(reader, REFUSALS, 'reason') };
    case TYPE.cancel:
      return { type: 'cancel', id: reader.varint('id') };
    case TYPE.bye:
      return { type: 'bye', reason: readWord(reader, FAREWELLS, 'reason') };
    default:
      throw new ProtocolError('bad-type', `frame type ${type}`);
  }
}

function writeRuns(writer: ByteWriter, runs: readonly SequenceRun[]): void {
  if (runs.length > MAX_HAVE_RUNS) throw new ProtocolError('too-large', `${runs.length} runs`);
  writer.varint(runs.length);
  for (const run of runs) writer.varint(run.first).varint(run.count);
}

function readRuns(reader: ByteReader): SequenceRun[] {
  const runs: SequenceRun[] = [];
  const count = reader.varint('run count', MAX_HAVE_RUNS);
  for (let index = 0; index < count; index++) {
    runs.push({ first: reader.varint('first'), count: reader.varint('count', 0xffff) });
  }
  return runs;
}

function readChunkRuns(reader: ByteReader): SequenceRun[] {
  const runs: SequenceRun[] = [];
  const length = reader.varint('run count', MAX_HAVE_RUNS);
  // Runs that overlap would let one small frame name a quarter of a million chunks.
  let left = MAX_CHUNKS;
  for (let index = 0; index < length; index++) {
    const first = reader.varint('first', MAX_CHUNKS - 1);
    const count = reader.varint('count', Math.min(left, MAX_CHUNKS - first));
    left -= count;
    runs.push({ first, count });
  }
  return runs;
}

function chunksIn(runs: readonly SequenceRun[]): number {
  return runs.reduce((sum, { count }) => sum + count, 0);
}

function readFlag(reader: ByteReader, field: string): boolean {
  const value = reader.u8(field);
  if (value > 1) throw new ProtocolError('bad-value', `${field} ${value}`);
  return value === 1;
}

function readWord<Word>(reader: ByteReader, words: readonly Word[], field: string): Word {
  const index = reader.u8(field);
  const word = words[index];
  if (word === undefined) throw new ProtocolError('bad-value', `${field} ${index}`);
  return word;
}
