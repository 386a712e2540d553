import { OriginError } from '../errors.js';
import type { FileSource } from './file-source.js';

/** A box at the top of a file: where it starts, and its length with its header. */
export interface TopBox {
  readonly type: string;
  readonly start: number;
  readonly bytes: number;
}

/** The metadata boxes of a file, whole, each with its place in the file. */
export interface Metadata {
  readonly moov: { readonly start: number; readonly box: Uint8Array };
  readonly moofs: readonly { readonly start: number; readonly box: Uint8Array }[];
}

/** A day of 60 fps video with audio needs about 150 MB of moov; more is not a film. */
export const MAX_METADATA_BYTES: number = 256 * 1024 * 1024;
/** A day in fragments of a quarter second. */
export const MAX_TOP_BOXES = 1_000_000;

const FIRST_BOXES = new Set([
  'ftyp',
  'moov',
  'mdat',
  'free',
  'skip',
  'wide',
  'styp',
  'sidx',
  'uuid',
  'pnot',
  'moof',
]);

/**
 * Finds the top-level boxes with one small read each: media bytes are skipped, not read.
 * @throws OriginError `not-mp4` when the file does not begin with an MP4 box, `truncated` when one goes past its end.
 */
export async function scanTopBoxes(source: FileSource): Promise<TopBox[]> {
  const boxes: TopBox[] = [];
  let start = 0;
  while (start < source.bytes) {
    if (boxes.length >= MAX_TOP_BOXES) {
      throw new OriginError(
        'too-complex',
        `${source.name} has more than ${MAX_TOP_BOXES} boxes. Remux it: ffmpeg -i IN -c copy OUT.mp4`,
      );
    }
    const left = source.bytes - start;
    if (left < 8) {
      if (boxes.length === 0) throw notMp4(source);
      break; // a few stray bytes after the last box, as some recorders leave
    }
    const header = await source.read(start, Math.min(16, left));
    const type = header.toString('latin1', 4, 8);
    if (boxes.length === 0 && !FIRST_BOXES.has(type)) throw notMp4(source);
    let bytes = header.readUInt32BE(0);
    let headerBytes = 8;
    if (bytes === 1) {
      if (left < 16) throw truncated(source, start);
      bytes = Number(header.readBigUInt64BE(8));
      headerBytes = 16;
    } else if (bytes === 0) {
      bytes = left;
    }
    if (bytes < headerBytes || !/^[\x20-\x7e\xa9]{4}$/.test(type)) {
      if (boxes.some((box) => box.type === 'moov')) break; // rubbish behind a complete file
      throw new OriginError(
        'bad-box',
        `${source.name} is damaged at byte ${start}. Remux it: ffmpeg -i IN -c copy OUT.mp4`,
      );
    }
    if (bytes > left) throw truncated(source, start);
    boxes.push({ type, start, bytes });
    start += bytes;
  }
  if (boxes.length === 0) throw notMp4(source);
  return boxes;
}

/**
 * Reads moov and moofs whole.
 * @throws OriginError `truncated` without a moov, `too-complex` when they are over `MAX_METADATA_BYTES`.
 */
export async function readMetadata(source: FileSource): Promise<Metadata> {
  const boxes = await scanTopBoxes(source);
  const wanted = boxes.filter((box) => box.type === 'moov' || box.type === 'moof');
  const total = wanted.reduce((sum, box) => sum + box.bytes, 0);
  if (total > MAX_METADATA_BYTES) {
    throw new OriginError(
      'too-complex',
      `${source.name} declares ${total} bytes of metadata, at most ${MAX_METADATA_BYTES} are read. Split it into shorter files.`,
    );
  }
  const moovBox = wanted.find((box) => box.type === 'moov');
  if (moovBox === undefined) {
    const isMp4 = boxes.some((box) => box.type === 'ftyp' || box.type === 'mdat');
    if (!isMp4) throw notMp4(source);
    throw new OriginError(
      'truncated',
      `${source.name} has no moov box: its recording or copy was cut off. Copy it again, or finish the recording.`,
    );
  }
  const moov = { start: moovBox.start, box: await source.read(moovBox.start, moovBox.bytes) };
  const moofs: { start: number; box: Uint8Array }[] = [];
  for (const box of wanted) {
    if (box.type === 'moof') moofs.push({ start: box.start, box: await source.read(box.start, box.bytes) });
  }
  return { moov, moofs };
}

function notMp4(source: FileSource): OriginError {
  return new OriginError(
    'not-mp4',
    `${source.name} is not an MP4 file. Convert it: ffmpeg -i IN -c:v libx264 -c:a aac OUT.mp4`,
  );
}

function truncated(source: FileSource, start: number): OriginError {
  return new OriginError(
    'truncated',
    `${source.name} is cut off: the box at byte ${start} goes past its end at ${source.bytes}. Copy it again.`,
  );
}
