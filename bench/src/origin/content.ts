import { createHash } from 'node:crypto';

/** One object of the origin, the same for every server under test. */
export interface OriginObject {
  readonly path: string;
  readonly contentType: string;
  readonly body: Buffer;
  readonly sha256: string;
}

export const SEGMENT_BYTES: number = 2 ** 20;
export const PLAYLIST_BYTES = 1024;

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Bytes that no compression or deduplication makes smaller, and that are the same on every run. */
export function noise(seed: number, length: number): Buffer {
  const words = new Uint32Array(length / 4);
  let state = seed * 2654435761 + 1;
  for (let index = 0; index < words.length; index++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    words[index] = state;
  }
  return Buffer.from(words.buffer);
}

/** `count` media segments of 1 MiB. */
export function segments(count: number): OriginObject[] {
  return Array.from({ length: count }, (_, index) => {
    const body = noise(index + 1, SEGMENT_BYTES);
    const path = `/film/720p/segment-${String(index + 1).padStart(5, '0')}.m4s`;
    return { path, contentType: 'video/mp4', body, sha256: sha256(body) };
  });
}

/** An ended media playlist of exactly 1 KiB. */
export function playlist(): OriginObject {
  const head =
    '#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:4\n#EXT-X-PLAYLIST-TYPE:VOD\n#EXT-X-MAP:URI="init.mp4"\n';
  const end = '#EXT-X-ENDLIST\n';
  let text = head;
  for (let index = 1; ; index++) {
    const entry = `#EXTINF:4.000,\nsegment-${String(index).padStart(5, '0')}.m4s\n`;
    if (text.length + entry.length + end.length > PLAYLIST_BYTES - 3) break;
    text += entry;
  }
  const comment = `#${'.'.repeat(PLAYLIST_BYTES - text.length - end.length - 2)}\n`;
  const body = Buffer.from(text + comment + end);
  return {
    path: '/film/720p/media.m3u8',
    contentType: 'application/vnd.apple.mpegurl',
    body,
    sha256: sha256(body),
  };
}
