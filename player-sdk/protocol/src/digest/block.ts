import { ByteReader } from '../bytes/reader.js';
import { ByteWriter } from '../bytes/writer.js';
import { ProtocolError } from '../errors.js';
import { CHUNK_BYTES, MAX_BLOCK_SEGMENTS, MAX_PATH_BYTES, MAX_SEGMENT_BYTES } from '../limits.js';
import { HASH_BYTES } from './merkle.js';

/**
 * What one segment must hash to. `path` is the segment's canonical path, or one relative to its playlist (see
 * `identity/path`); `start` is the first byte within that resource (0 for whole files), `bytes` the length,
 * `root` the Merkle root over its 64 KiB chunks. Together they name the bytes: a resource replaced under its name has another root.
 */
export interface SegmentDigest {
  readonly path: string;
  readonly start: number;
  readonly bytes: number;
  readonly root: Uint8Array;
}

const MAGIC = 0x45444442; // "EDDB"
const VERSION = 1;
const CHUNK_LOG2 = Math.log2(CHUNK_BYTES);

/**
 * Digest block: u32 magic "EDDB", u8 version, u8 log2 of the chunk size, varint count, then for each segment
 * varint path length, path (printable ASCII, percent-encoded), varint start, varint bytes, 32 bytes root.
 * The form is the same as a published file and as a binary message of the room's WebSocket.
 *
 * @throws ProtocolError `too-large` with more than `MAX_BLOCK_SEGMENTS` segments or one over the limits.
 */
export function encodeDigestBlock(segments: readonly SegmentDigest[]): Uint8Array<ArrayBuffer> {
  if (segments.length > MAX_BLOCK_SEGMENTS) {
    throw new ProtocolError('too-large', `${segments.length} segments in a block, ${MAX_BLOCK_SEGMENTS} fit`);
  }
  const writer = new ByteWriter(64 + segments.length * 96);
  writer.u32(MAGIC).u8(VERSION).u8(CHUNK_LOG2).varint(segments.length);
  for (const { path, start, bytes, root } of segments) {
    if (path.length > MAX_PATH_BYTES) throw new ProtocolError('too-large', `path of ${path.length} bytes`);
    if (bytes > MAX_SEGMENT_BYTES) throw new ProtocolError('too-large', `segment of ${bytes} bytes`);
    if (root.length !== HASH_BYTES) throw new ProtocolError('bad-value', `root of ${root.length} bytes`);
    writer.varint(path.length).ascii(path, 'path').varint(start).varint(bytes).bytes(root);
  }
  return writer.finish();
}

/** @throws ProtocolError on anything but a well-formed block of this version. Roots are copies. */
export function decodeDigestBlock(block: Uint8Array): SegmentDigest[] {
  const reader = new ByteReader(block);
  if (reader.u32('magic') !== MAGIC) throw new ProtocolError('bad-magic', 'not a digest block');
  const version = reader.u8('version');
  if (version !== VERSION) throw new ProtocolError('bad-version', `digest block version ${version}`);
  const chunkLog2 = reader.u8('chunk size');
  if (chunkLog2 !== CHUNK_LOG2) throw new ProtocolError('bad-value', `chunks of 2^${chunkLog2} bytes`);
  const count = reader.varint('count', MAX_BLOCK_SEGMENTS);
  const segments: SegmentDigest[] = [];
  for (let index = 0; index < count; index++) {
    const path = reader.ascii(reader.varint('path length', MAX_PATH_BYTES), 'path');
    const start = reader.varint('start');
    const bytes = reader.varint('bytes', MAX_SEGMENT_BYTES);
    segments.push({ path, start, bytes, root: reader.bytes(HASH_BYTES, 'root').slice() });
  }
  reader.end('digest block');
  return segments;
}
