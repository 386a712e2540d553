/** Bytes `start` to `end`, both included (RFC 9110 section 14.1.2). */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** As asked, before the object's length is known. `end` is included; a suffix counts from the end. */
export type AskedRange =
  | { readonly start: number; readonly end: number | undefined }
  | { readonly suffix: number };

export type RangeAnswer = ByteRange | 'whole' | 'unsatisfiable';

/** More parts than this, or more bytes than the object has, are nobody's honest wish (RFC 9110 section 14.2). */
const MAX_PARTS = 16;
const MAX_ASKED = 128;
const ONE = /^(\d*)-(\d*)$/;

/**
 * The ranges asked for. Undefined: none, another unit, nonsense or far too many, all answered with the whole object
 * (RFC 9110 section 14.2).
 */
export function parseRanges(header: string | undefined): readonly AskedRange[] | undefined {
  const [, list] = /^bytes=(.*)$/i.exec(header ?? '') ?? [];
  if (list === undefined) return undefined;
  const asked: AskedRange[] = [];
  for (const member of list.split(',', MAX_ASKED + 1)) {
    const text = member.trim();
    if (text === '') continue;
    const range = parseOne(text);
    if (range === undefined || asked.length === MAX_ASKED) return undefined;
    asked.push(range);
  }
  return asked.length === 0 ? undefined : asked;
}

/** The one range asked for. Undefined: none, several, another unit or nonsense. */
export function parseRange(header: string | undefined): AskedRange | undefined {
  const asked = parseRanges(header);
  return asked?.length === 1 ? asked[0] : undefined;
}

function parseOne(text: string): AskedRange | undefined {
  const [, first, last] = ONE.exec(text) ?? [];
  if (first === undefined || last === undefined) return undefined;
  if (first === '') return last === '' ? undefined : { suffix: Number(last) };
  const start = Number(first);
  const end = last === '' ? undefined : Number(last);
  return end !== undefined && end < start ? undefined : { start, end };
}

/** What the range is in an object of `totalBytes`. */
export function resolveRange(asked: AskedRange | undefined, totalBytes: number): RangeAnswer {
  if (asked === undefined) return 'whole';
  if ('suffix' in asked) {
    if (asked.suffix === 0 || totalBytes === 0) return 'unsatisfiable';
    return { start: Math.max(0, totalBytes - asked.suffix), end: totalBytes - 1 };
  }
  if (asked.start >= totalBytes) return 'unsatisfiable';
  return { start: asked.start, end: Math.min(asked.end ?? totalBytes - 1, totalBytes - 1) };
}

/**
 * What several ranges are in an object of `totalBytes`, in the order asked, but for those that touch, which become
 * one (RFC 9110 section 15.3.7.2). Too many parts, or more bytes than there are, get the whole.
 */
export function resolveRanges(
  asked: readonly AskedRange[] | undefined,
  totalBytes: number,
): readonly ByteRange[] | 'whole' | 'unsatisfiable' {
  if (asked === undefined) return 'whole';
  const satisfiable: ByteRange[] = [];
  for (const one of asked) {
    const range = resolveRange(one, totalBytes);
    if (typeof range === 'object') satisfiable.push(range);
  }
  if (satisfiable.length === 0) return 'unsatisfiable';
  const parts = coalesced(satisfiable);
  const bytes = parts.reduce((sum, { start, end }) => sum + end - start + 1, 0);
  const excessive = parts.length > MAX_PARTS || (parts.length > 1 && bytes >= totalBytes);
  return excessive ? 'whole' : parts;
}

/** Ranges that overlap or touch become one, at the place of the first of them. */
function coalesced(ranges: readonly ByteRange[]): ByteRange[] {
  const byStart = ranges
    .map((range, at) => ({ ...range, at }))
    .sort((a, b) => a.start - b.start || a.at - b.at);
  const merged: { start: number; end: number; at: number }[] = [];
  for (const range of byStart) {
    const last = merged.at(-1);
    if (last === undefined || range.start > last.end + 1) {
      merged.push({ ...range });
      continue;
    }
    last.end = Math.max(last.end, range.end);
    last.at = Math.min(last.at, range.at);
  }
  return merged.sort((a, b) => a.at - b.at).map(({ start, end }) => ({ start, end }));
}

/** For a request to an origin. */
export function formatRange(asked: AskedRange): string {
  return 'suffix' in asked ? `bytes=-${asked.suffix}` : `bytes=${asked.start}-${asked.end ?? ''}`;
}

/** `Content-Range` of a 206. Undefined: not one that can be used. `totalBytes` is undefined for `*`. */
export function parseContentRange(
  header: string | undefined,
): (ByteRange & { readonly totalBytes: number | undefined }) | undefined {
  const [, start, end, total] = /^bytes (\d+)-(\d+)\/(\d+|\*)$/i.exec(header ?? '') ?? [];
  if (start === undefined || end === undefined || Number(end) < Number(start)) return undefined;
  return { start: Number(start), end: Number(end), totalBytes: total === '*' ? undefined : Number(total) };
}
