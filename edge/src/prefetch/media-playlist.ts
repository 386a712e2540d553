/** Part of a resource: RFC 8216 section 4.3.2.2. */
export interface ByteRange {
  readonly start: number;
  readonly bytes: number;
}

/** As the playlist writes it: its URI may be relative. */
export interface PlaylistResource {
  readonly uri: string;
  /** Undefined: all of it. */
  readonly range: ByteRange | undefined;
}

export interface PlaylistSegment extends PlaylistResource {
  /** What has to be loaded before it (`EXT-X-MAP`). */
  readonly map: PlaylistResource | undefined;
  /** Named, but not there (`EXT-X-GAP`). */
  readonly gap: boolean;
}

export interface MediaPlaylist {
  /** Number of the first segment. */
  readonly mediaSequence: number;
  /** Nothing will be added. */
  readonly ended: boolean;
  readonly segments: readonly PlaylistSegment[];
}

const RANGE = /^(\d{1,15})(?:@(\d{1,15}))?$/;
const ATTRIBUTE = /([A-Z0-9-]+)=(?:"([^"]*)"|([^",]*))/g;

/**
 * The segments of a media playlist. Undefined for all else: a multivariant playlist, a delta update (whose skipped
 * segments only its reader knows), a range whose place is not said, a URI that needs variables.
 */
export function parseMediaPlaylist(text: string): MediaPlaylist | undefined {
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  if (!/^#EXTM3U\s*$/.test(lines[0] ?? '')) return undefined;
  const segments: PlaylistSegment[] = [];
  let mediaSequence = 0;
  let ended = false;
  let map: PlaylistResource | undefined;
  let range: string | undefined;
  let gap = false;
  for (const line of lines) {
    if (line.startsWith('#')) {
      const [, tag, value = ''] = /^#(EXT[A-Z0-9-]*):?(.*)$/.exec(line.trimEnd()) ?? [];
      if (tag === 'EXT-X-STREAM-INF' || tag === 'EXT-X-SKIP' || tag === 'EXT-X-DEFINE') return undefined;
      if (tag === 'EXT-X-MEDIA-SEQUENCE') mediaSequence = /^\d{1,15}$/.test(value) ? Number(value) : 0;
      else if (tag === 'EXT-X-ENDLIST') ended = true;
      else if (tag === 'EXT-X-BYTERANGE') range = value;
      else if (tag === 'EXT-X-GAP') gap = true;
      else if (tag === 'EXT-X-MAP') map = mapOf(value);
      continue;
    }
    const uri = line.trim();
    if (uri === '') continue;
    const before = segments.at(-1);
    const part =
      range === undefined ? undefined : rangeOf(range, before?.uri === uri ? before.range : undefined);
    if (range !== undefined && part === undefined) return undefined;
    segments.push({ uri, range: part, map, gap });
    range = undefined;
    gap = false;
  }
  return { mediaSequence, ended, segments };
}

/** Without a place it follows the range before, of the same resource. */
function rangeOf(text: string, before: ByteRange | undefined): ByteRange | undefined {
  const [, bytes, start] = RANGE.exec(text.trim()) ?? [];
  if (bytes === undefined) return undefined;
  if (start !== undefined) return { start: Number(start), bytes: Number(bytes) };
  return before === undefined ? undefined : { start: before.start + before.bytes, bytes: Number(bytes) };
}

/** Without a place its range begins at 0 (RFC 8216 section 4.3.2.5). Undefined: it says nothing that can be loaded. */
function mapOf(list: string): PlaylistResource | undefined {
  const attributes = new Map<string, string>();
  for (const [, name, quoted, plain] of list.matchAll(ATTRIBUTE)) {
    if (name !== undefined) attributes.set(name, quoted ?? plain ?? '');
  }
  const uri = attributes.get('URI');
  if (uri === undefined || uri === '') return undefined;
  const range = attributes.get('BYTERANGE');
  return { uri, range: range === undefined ? undefined : rangeOf(range, { start: 0, bytes: 0 }) };
}
