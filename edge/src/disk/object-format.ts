import { BLOCK_BYTES, checksum } from './checksum.js';

/**
 * A file is a header and the body. Header, little endian: magic with version (8), checksum of the header with this field
 * zero (4), lengths of header, key, tags, meta and room for meta (4 each), of the body (8), a checksum (4) for each block
 * of the body, then key, tags and meta. Every byte of a file is under a checksum, and its length follows from the header.
 */
const MAGIC = Buffer.from('EDDYOBJ1', 'latin1');
const SUM_AT = 8;
const TABLE_AT = 40;
/** Headers that are longer are not ours: 16 MiB is the table of a body of 256 GiB. */
const MAX_HEADER_BYTES = 16 * 1024 * 1024;
const META_SLACK_BYTES = 128;

/** What a header says. */
export interface ObjectHeader {
  readonly headerBytes: number;
  readonly bodyBytes: number;
  readonly key: string;
  readonly tags: string;
  readonly meta: Buffer;
  /** How long meta may get without the file being written anew. */
  readonly metaRoomBytes: number;
  readonly blockSums: Uint32Array;
}

export interface HeaderContent {
  readonly key: string;
  readonly tags: string;
  readonly meta: Buffer;
  readonly bodyBytes: number;
  readonly blockSums: Uint32Array;
  /** Default: what meta needs, and some room to grow. */
  readonly metaRoomBytes?: number;
}

/** Bytes of the header, known before the body's checksums are. */
export function headerBytesOf(
  { key, tags, meta, bodyBytes }: Omit<HeaderContent, 'blockSums'>,
  metaRoomBytes: number = roomFor(meta.length),
): number {
  const bytes =
    TABLE_AT + 4 * blocksOf(bodyBytes) + Buffer.byteLength(key) + Buffer.byteLength(tags) + metaRoomBytes;
  // Keeps the body aligned to 8.
  return Math.ceil(bytes / 8) * 8;
}

export function encodeHeader(content: HeaderContent): Buffer {
  const { key, tags, meta, bodyBytes, blockSums } = content;
  const metaRoomBytes = content.metaRoomBytes ?? roomFor(meta.length);
  const header = Buffer.alloc(headerBytesOf(content, metaRoomBytes));
  const keyBytes = Buffer.byteLength(key);
  const tagsBytes = Buffer.byteLength(tags);
  MAGIC.copy(header);
  [header.length, keyBytes, tagsBytes, meta.length, metaRoomBytes].forEach((value, index) => {
    header.writeUInt32LE(value, 12 + 4 * index);
  });
  header.writeBigUInt64LE(BigInt(bodyBytes), 32);
  blockSums.forEach((sum, index) => {
    header.writeUInt32LE(sum, TABLE_AT + 4 * index);
  });
  const keyAt = TABLE_AT + 4 * blockSums.length;
  header.write(key, keyAt);
  header.write(tags, keyAt + keyBytes);
  meta.copy(header, keyAt + keyBytes + tagsBytes);
  header.writeUInt32LE(checksum(header, 0), SUM_AT);
  return header;
}

/** Bytes of the header of the file that begins so. Undefined: not such a file. Says nothing about the rest. */
export function declaredHeaderBytes(start: Buffer): number | undefined {
  if (start.length < TABLE_AT || MAGIC.compare(start, 0, MAGIC.length) !== 0) return undefined;
  const bytes = start.readUInt32LE(12);
  return bytes >= TABLE_AT && bytes <= MAX_HEADER_BYTES ? bytes : undefined;
}

/** Undefined: torn or rotten. `bytes` begins with the header. */
export function decodeHeader(bytes: Buffer): ObjectHeader | undefined {
  const headerBytes = declaredHeaderBytes(bytes);
  if (headerBytes === undefined || bytes.length < headerBytes) return undefined;
  const header = bytes.subarray(0, headerBytes);
  const declared = header.readUInt32LE(SUM_AT);
  header.writeUInt32LE(0, SUM_AT);
  const sum = checksum(header, 0);
  header.writeUInt32LE(declared, SUM_AT);
  if (sum !== declared) return undefined;
  const [keyBytes = 0, tagsBytes = 0, metaBytes = 0, metaRoomBytes = 0] = [16, 20, 24, 28].map((at) =>
    header.readUInt32LE(at),
  );
  const bodyBytes = Number(header.readBigUInt64LE(32));
  const keyAt = TABLE_AT + 4 * blocksOf(bodyBytes);
  const metaAt = keyAt + keyBytes + tagsBytes;
  // A header that another program made with a right checksum must not lead us out of it.
  if (metaBytes > metaRoomBytes || metaAt + metaRoomBytes > headerBytes) return undefined;
  return {
    ...{ headerBytes, bodyBytes, metaRoomBytes },
    key: header.toString('utf8', keyAt, keyAt + keyBytes),
    tags: header.toString('utf8', keyAt + keyBytes, metaAt),
    meta: Buffer.from(header.subarray(metaAt, metaAt + metaBytes)),
    blockSums: Uint32Array.from({ length: blocksOf(bodyBytes) }, (_, index) =>
      header.readUInt32LE(TABLE_AT + 4 * index),
    ),
  };
}

/** Whether `bytes` are the blocks of the body from `firstBlock` on. */
export function blocksAreSound(bytes: Buffer, firstBlock: number, { blockSums }: ObjectHeader): boolean {
  for (let at = 0, block = firstBlock; at < bytes.length; at += BLOCK_BYTES, block++) {
    if (checksum(bytes.subarray(at, at + BLOCK_BYTES), block) !== blockSums[block]) return false;
  }
  return true;
}

/** Checksums of the blocks in `bytes`, the first of which is number `firstBlock`. */
export function sumBlocks(bytes: Buffer, firstBlock: number, into: Uint32Array): void {
  for (let at = 0, block = firstBlock; at < bytes.length; at += BLOCK_BYTES, block++) {
    into[block] = checksum(bytes.subarray(at, at + BLOCK_BYTES), block);
  }
}

export function blocksOf(bodyBytes: number): number {
  return Math.ceil(bodyBytes / BLOCK_BYTES);
}

function roomFor(metaBytes: number): number {
  return metaBytes + META_SLACK_BYTES;
}
