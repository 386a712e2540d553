/** RFC 8216 section 4 for playlists and segments, IANA for the rest. */
const TYPES: Readonly<Record<string, string>> = {
  m3u8: 'application/vnd.apple.mpegurl',
  m3u: 'application/vnd.apple.mpegurl',
  mpd: 'application/dash+xml',
  m4s: 'video/iso.segment',
  mp4: 'video/mp4',
  m4v: 'video/mp4',
  cmfv: 'video/mp4',
  m4a: 'audio/mp4',
  cmfa: 'audio/mp4',
  cmft: 'application/mp4',
  ts: 'video/mp2t',
  m2ts: 'video/mp2t',
  aac: 'audio/aac',
  ac3: 'audio/ac3',
  ec3: 'audio/eac3',
  mp3: 'audio/mpeg',
  vtt: 'text/vtt; charset=utf-8',
  webvtt: 'text/vtt; charset=utf-8',
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  mjs: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  json: 'application/json',
  map: 'application/json',
  txt: 'text/plain; charset=utf-8',
  svg: 'image/svg+xml',
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  webp: 'image/webp',
  ico: 'image/x-icon',
  wasm: 'application/wasm',
};

const UNTOLD = 'application/octet-stream';

/** Lower-case, without dot. */
export function extensionOf(path: string): string | undefined {
  const dot = path.lastIndexOf('.');
  return dot > path.lastIndexOf('/') ? path.slice(dot + 1).toLowerCase() : undefined;
}

/** The origin's word, or the extension's where the origin has none or only says "bytes". */
export function contentTypeOf(path: string, given: string | undefined): string {
  if (given !== undefined && !/^(?:application|binary)\/octet-stream\b/i.test(given)) return given;
  return TYPES[extensionOf(path) ?? ''] ?? UNTOLD;
}
