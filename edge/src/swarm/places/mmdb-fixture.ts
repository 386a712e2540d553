/** A database in MaxMind's format, as small as it gets: https://maxmind.github.io/MaxMind-DB/ */

type Value = string | number | readonly Value[] | { readonly [key: string]: Value };

const RECORD_BITS = 24;
const TYPES = { string: 2, map: 7, uint32: 6, array: 11 } as const;

function control(type: keyof typeof TYPES, size: number): Buffer {
  const number = TYPES[type];
  if (size >= 285) throw new RangeError('the fixture writes short values only');
  // Sizes from 29 on have a byte of their own, after the one of an extended type.
  const short = Math.min(size, 29);
  const head = number <= 7 ? [(number << 5) | short] : [short, number - 7];
  return Buffer.from(size < 29 ? head : [...head, size - 29]);
}

function encode(value: Value): Buffer {
  if (typeof value === 'string') {
    const text = Buffer.from(value);
    return Buffer.concat([control('string', text.length), text]);
  }
  if (typeof value === 'number') {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(value);
    return Buffer.concat([control('uint32', 4), bytes]);
  }
  if (isList(value)) return Buffer.concat([control('array', value.length), ...value.map(encode)]);
  const entries = Object.entries(value);
  return Buffer.concat([
    control('map', entries.length),
    ...entries.flatMap(([key, of]) => [encode(key), encode(of)]),
  ]);
}

function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}

interface Node {
  children: [Node | number | undefined, Node | number | undefined];
}

/** @example mmdb([['192.0.2.0/24', { autonomous_system_number: 64500 }]]) */
export function mmdb(networks: readonly (readonly [cidr: string, entry: Value])[]): Buffer {
  const root: Node = { children: [undefined, undefined] };
  const nodes = [root];
  const pieces: Buffer[] = [];
  let dataBytes = 0;
  for (const [cidr, entry] of networks) {
    const [address = '', length = '32'] = cidr.split('/');
    const bits = address
      .split('.')
      .map((octet) => Number(octet).toString(2).padStart(8, '0'))
      .join('')
      .slice(0, Number(length));
    let node = root;
    [...bits].forEach((bit, index) => {
      const side = bit === '1' ? 1 : 0;
      if (index === bits.length - 1) {
        node.children[side] = dataBytes;
        return;
      }
      const next = node.children[side];
      const child: Node = typeof next === 'object' ? next : { children: [undefined, undefined] };
      if (next === undefined) {
        node.children[side] = child;
        nodes.push(child);
      }
      node = child;
    });
    const data = encode(entry);
    pieces.push(data);
    dataBytes += data.length;
  }
  const tree = Buffer.alloc((nodes.length * 2 * RECORD_BITS) / 8);
  nodes.forEach(({ children }, index) => {
    children.forEach((child, side) => {
      const record =
        child === undefined
          ? nodes.length
          : typeof child === 'number'
            ? nodes.length + 16 + child
            : nodes.indexOf(child);
      tree.writeUIntBE(record, index * 6 + side * 3, 3);
    });
  });
  const metadata = encode({
    binary_format_major_version: 2,
    binary_format_minor_version: 0,
    build_epoch: 0,
    database_type: 'Test',
    description: {},
    ip_version: 4,
    languages: [],
    node_count: nodes.length,
    record_size: RECORD_BITS,
  });
  const marker = Buffer.concat([Buffer.of(0xab, 0xcd, 0xef), Buffer.from('MaxMind.com')]);
  return Buffer.concat([tree, Buffer.alloc(16), ...pieces, marker, metadata]);
}
