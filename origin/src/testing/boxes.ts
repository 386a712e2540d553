/** Boxes made by hand, for files that no muxer writes. */
export function box(type: string, ...parts: (Uint8Array | number[])[]): Buffer {
  const body = Buffer.concat(parts.map((part) => Buffer.from(part)));
  const header = Buffer.alloc(8);
  header.writeUInt32BE(8 + body.length, 0);
  header.write(type, 4, 'latin1');
  return Buffer.concat([header, body]);
}

export function u32(...values: number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [index, value] of values.entries()) bytes.writeUInt32BE(value >>> 0, index * 4);
  return bytes;
}

/** `moov` of one track with these tables. */
export function moovWith(...tables: Buffer[]): Buffer {
  const mdia = box(
    'mdia',
    box('mdhd', u32(0, 0, 0, 25, 0, 0)),
    box('hdlr', u32(0, 0), Buffer.from('vide'), u32(0, 0, 0), [0]),
    box('minf', box('stbl', ...tables)),
  );
  return box('moov', box('mvhd', Buffer.alloc(100)), box('trak', box('tkhd', Buffer.alloc(84)), mdia));
}
