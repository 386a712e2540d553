import type { ByteRange } from './ranges.js';

/** The pieces of a `multipart/byteranges` body (RFC 9110 section 14.6) around the bytes themselves. */
export interface MultipartLayout {
  readonly contentType: string;
  readonly parts: readonly { readonly head: Buffer; readonly range: ByteRange }[];
  readonly end: Buffer;
  /** Of everything. */
  readonly totalBytes: number;
}

/** `boundary` must not occur in the object: a random one does not, but for odds that no one sees. */
export function multipartLayout(
  ranges: readonly ByteRange[],
  contentType: string | undefined,
  objectBytes: number,
  boundary: string,
): MultipartLayout {
  const parts = ranges.map((range, index) => {
    const lines = [
      `${index === 0 ? '' : '\r\n'}--${boundary}`,
      ...(contentType === undefined ? [] : [`Content-Type: ${contentType}`]),
      `Content-Range: bytes ${range.start}-${range.end}/${objectBytes}`,
    ];
    return { head: Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), range };
  });
  const end = Buffer.from(`\r\n--${boundary}--\r\n`, 'latin1');
  const totalBytes = parts.reduce(
    (sum, { head, range }) => sum + head.length + range.end - range.start + 1,
    end.length,
  );
  return { contentType: `multipart/byteranges; boundary=${boundary}`, parts, end, totalBytes };
}
