import { OriginError } from '../errors.js';
import type { TrackKind } from './sample-table.js';

/** Sample entries that CMAF HLS carries and players know. */
const CARRIED: Readonly<Record<TrackKind, readonly string[]>> = {
  video: ['avc1', 'avc3', 'hvc1', 'hev1', 'av01', 'vp09'],
  audio: ['mp4a', 'Opus', 'ac-3', 'ec-3', 'fLaC'],
};

const ADVICE: Readonly<Record<TrackKind, string>> = {
  video: 'Convert it: ffmpeg -i IN -c:v libx264 -c:a copy OUT.mp4',
  audio: 'Convert it: ffmpeg -i IN -c:v copy -c:a aac OUT.mp4',
};

const NAMES: Readonly<Record<string, string>> = {
  mp4v: 'MPEG-4 Part 2 (mp4v)',
  vp08: 'VP8 (vp08)',
  s263: 'H.263 (s263)',
  jpeg: 'JPEG pictures (jpeg)',
  encv: 'encrypted video (encv)',
  enca: 'encrypted audio (enca)',
  '.mp3': 'MP3 (.mp3)',
  alac: 'Apple Lossless (alac)',
};

/** Whether a sample entry of this type can go into CMAF HLS; audio of `mp4a` is decided by `checkCodec` too. */
export function isCarried(kind: TrackKind, entryType: string): boolean {
  return CARRIED[kind].includes(entryType);
}

/** @throws OriginError `codec`. */
export function refuseCodec(kind: TrackKind, entryType: string): OriginError {
  const name = NAMES[entryType] ?? `"${entryType}"`;
  return new OriginError('codec', `HLS cannot carry this file's ${kind}, ${name}. ${ADVICE[kind]}`);
}

/**
 * The codec as players want it in `CODECS`, from what the parser made of the sample entry.
 * RFC 6381 section 3.3; object type 0x40 of `mp4a` is AAC, and MPEG-2 AAC (0x66 to 0x68) plays the same.
 *
 * @throws OriginError `codec` for `mp4a` that is not AAC (MP3 is 0x69 or 0x6b).
 */
export function codecName(kind: TrackKind, entryType: string, parsed: string): string {
  if (entryType === 'Opus') return 'opus';
  if (entryType === 'ac-3' || entryType === 'ec-3' || entryType === 'fLaC') return entryType;
  if (entryType !== 'mp4a') return parsed;
  const [, objectType = '', audioType] = parsed.toLowerCase().split('.');
  if (objectType === '40') return `mp4a.40.${audioType ?? '2'}`;
  if (['66', '67', '68'].includes(objectType)) return `mp4a.${objectType}`;
  const name =
    objectType === '6b' || objectType === '69' ? 'MP3' : `mp4a object type 0x${objectType || '00'}`;
  throw new OriginError(
    'codec',
    `HLS in fragmented MP4 cannot carry this file's ${kind}, ${name}. ${ADVICE[kind]}`,
  );
}
