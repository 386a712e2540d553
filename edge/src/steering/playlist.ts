import { STEERING_PATH } from '@eddy/protocol';

/** The parameter of a steering request that names the pathway of the playlist. */
export const BASE_PARAMETER = 'base';

/** Lines end as they do in the playlist. */
const FIRST_LINE = /^(?:\xef\xbb\xbf)?#EXTM3U[^\r\n]*(\r?\n)/;
const STREAM = /^#EXT-X-(?:STREAM-INF|I-FRAME-STREAM-INF):[^\r\n]*/gm;
/** What a playlist of segments says early. */
const MEDIA = /^#EXT(?:INF|-X-TARGETDURATION|-X-MEDIA-SEQUENCE)\b/m;
/** Said by the publisher, or by another edge. */
const STEERED = /^#EXT-X-CONTENT-STEERING:|^#EXT-X-[^\r\n]*[:,]PATHWAY-ID=/m;
/** Of another edge of this CDN: the same, with another name. */
const OURS =
  /^#EXT-X-CONTENT-STEERING:SERVER-URI="(?:\.\.\/)*_eddy\/steering\?base=([\w.-]{1,64})",PATHWAY-ID="\1"\r?\n/m;
const URI_ATTRIBUTE = /[:,]URI="([^"]*)"/;
/** Another host, or a variable that may be one. */
const ELSEWHERE = /^(?:[A-Za-z][A-Za-z0-9+.-]*:|\/\/)|\{\$/;

export type PlaylistKind = 'multivariant' | 'other' | 'not-clear-yet';

/** What the beginning of a body is, as latin1; `whole` where nothing comes after it. */
export function kindOf(text: string, whole: boolean): PlaylistKind {
  const begins = '#EXTM3U';
  const start = text.replace(/^\xef\xbb\xbf/, '').slice(0, begins.length);
  if (!begins.startsWith(start) || MEDIA.test(text)) return 'other';
  if (!whole) return 'not-clear-yet';
  return start === begins && /^#EXT-X-STREAM-INF:/m.test(text) ? 'multivariant' : 'other';
}

/**
 * A multivariant playlist (latin1, so that all bytes stay) with the steering of this CDN: where to ask, and the
 * pathway that its variants are on. Undefined: it is left as it is, since its publisher steers, or since parts of it
 * lie on hosts of their own, which no PoP answers for.
 *
 * @param path canonical path of the playlist; the address of steering is relative to it, so that it inherits host and
 *   token segment
 */
export function steered(text: string, path: string, base: string): string | undefined {
  const plain = withoutOurs(text);
  const first = FIRST_LINE.exec(plain);
  if (first === null || STEERED.test(plain) || urisOf(plain).some((uri) => ELSEWHERE.test(uri)))
    return undefined;
  const [line, end = '\n'] = first;
  const up = '../'.repeat(path.split('/').length - 2);
  const server = `${up}${STEERING_PATH.slice(1)}?${BASE_PARAMETER}=${base}`;
  const steering = `#EXT-X-CONTENT-STEERING:SERVER-URI="${server}",PATHWAY-ID="${base}"${end}`;
  const rest = plain.slice(line.length).replace(STREAM, (stream) => `${stream},PATHWAY-ID="${base}"`);
  return line + steering + rest;
}

function withoutOurs(text: string): string {
  const [line, base] = OURS.exec(text) ?? [];
  if (line === undefined) return text;
  return text.replace(line, '').replaceAll(`,PATHWAY-ID="${base}"`, '');
}

/** Where renditions are. */
function urisOf(text: string): string[] {
  const uris: string[] = [];
  for (const line of text.split(/\r?\n/)) {
    if (!line.startsWith('#')) {
      if (line.trim() !== '') uris.push(line.trim());
    } else if (/^#EXT-X-(?:MEDIA|I-FRAME-STREAM-INF):/.test(line)) {
      const uri = URI_ATTRIBUTE.exec(line)?.[1];
      if (uri !== undefined) uris.push(uri);
    }
  }
  return uris;
}
