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

const SINGLE = /^bytes=[ \t]*(\d*)-(\d*)[ \t]*$/i;

/** The one range asked for. Undefined: none, several, another unit or nonsense, all answered with the whole object. */
export function parseRange(header: string | undefined): AskedRange | undefined {
  if (header === undefined) return undefined;
  const [, first, last] = SINGLE.exec(header) ?? [];
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
