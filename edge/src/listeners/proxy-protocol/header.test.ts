import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_PROXY_HEADER_BYTES, parseProxyHeader } from './header.js';

const SIGNATURE = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1');

interface V2 {
  readonly command?: number;
  readonly family?: number;
  readonly transport?: number;
  readonly body: Buffer;
}

function v2({ command = 1, family = 1, transport = 1, body }: V2): Buffer {
  const fixed = Buffer.from([0x20 | command, (family << 4) | transport, 0, 0]);
  fixed.writeUInt16BE(body.length, 2);
  return Buffer.concat([SIGNATURE, fixed, body]);
}

const v4Body = (address: string, port: number): Buffer => {
  const body = Buffer.alloc(12);
  Buffer.from(address.split('.').map(Number)).copy(body);
  body.writeUInt16BE(port, 8);
  return body;
};

const ipv4 = fc.ipV4();
const port = fc.integer({ min: 0, max: 65_535 });
const tlvs = fc.uint8Array({ maxLength: 300 });
const rest = fc.uint8Array({ maxLength: 50 });

/** Any good header, with what it says. */
const header = fc.oneof(
  fc.tuple(ipv4, ipv4, port, port).map(([from, to, source, target]) => ({
    bytes: Buffer.from(`PROXY TCP4 ${from} ${to} ${source} ${target}\r\n`),
    source: { address: from, port: source },
  })),
  fc.tuple(fc.ipV6(), port).map(([from, source]) => ({
    bytes: Buffer.from(`PROXY TCP6 ${from} ::1 ${source} 443\r\n`),
    source: { address: from, port: source },
  })),
  fc
    .constantFrom('PROXY UNKNOWN\r\n', 'PROXY UNKNOWN ffff:f...f:ffff 65535 65535\r\n')
    .map((text) => ({ bytes: Buffer.from(text), source: undefined })),
  fc.tuple(ipv4, port, tlvs).map(([address, source, more]) => ({
    bytes: v2({ body: Buffer.concat([v4Body(address, source), more]) }),
    source: { address, port: source },
  })),
  fc.tuple(fc.uint8Array({ minLength: 36, maxLength: 36 }), tlvs).map(([addresses, more]) => {
    const body = Buffer.concat([addresses, more]);
    const groups = Array.from({ length: 8 }, (_, index) => body.readUInt16BE(index * 2).toString(16));
    return {
      bytes: v2({ family: 2, body }),
      source: { address: groups.join(':'), port: body.readUInt16BE(32) },
    };
  }),
  fc.uint8Array({ minLength: 216, maxLength: 300 }).map((body) => ({
    bytes: v2({ family: 3, body: Buffer.from(body) }),
    source: undefined,
  })),
  tlvs.map((body) => ({ bytes: v2({ command: 0, family: 0, body: Buffer.from(body) }), source: undefined })),
);

describe('a PROXY header', () => {
  it('says who it is for, whatever follows it', () => {
    fc.assert(
      fc.property(header, rest, ({ bytes, source }, more) => {
        const found = parseProxyHeader(Buffer.concat([bytes, more]));
        expect(found).toEqual({ is: 'header', bytes: bytes.length, source });
      }),
    );
  });

  it('is incomplete at every byte before its last', () => {
    fc.assert(
      fc.property(header, ({ bytes }) => {
        for (let length = 0; length < bytes.length; length++) {
          expect(parseProxyHeader(bytes.subarray(0, length))).toEqual({ is: 'incomplete' });
        }
      }),
      { numRuns: 30 },
    );
  });

  it('never asks for more than it may hold, and never reads beyond it', () => {
    const starts = fc.constantFrom(SIGNATURE, Buffer.from('PROXY '), Buffer.alloc(0));
    fc.assert(
      fc.property(starts, fc.uint8Array({ maxLength: 200 }), (start, garbage) => {
        const bytes = Buffer.concat([start, garbage, Buffer.alloc(MAX_PROXY_HEADER_BYTES)]);
        const found = parseProxyHeader(bytes);
        expect(found.is).not.toBe('incomplete');
        if (found.is === 'header') expect(found.bytes).toBeLessThanOrEqual(MAX_PROXY_HEADER_BYTES);
      }),
    );
  });

  it.each([
    'GET / HTTP/1.1\r\n',
    'PRI * HTTP/2.0\r\n\r\n',
    'proxy TCP4 1.1.1.1 2.2.2.2 1 2\r\n',
    '\r\nGET',
    '\x16\x03\x01',
  ])('is absent from %j', (text) => {
    expect(parseProxyHeader(Buffer.from(text, 'latin1'))).toEqual({ is: 'absent' });
  });

  it.each([
    'PROXY TCP4 1.1.1.1 2.2.2.2 1\r\n',
    'PROXY TCP4 1.1.1.1 2.2.2.2 1 65536\r\n',
    'PROXY TCP4 1.1.1.1 2.2.2.2 01 2\r\n',
    'PROXY TCP4 ::1 2.2.2.2 1 2\r\n',
    'PROXY TCP6 1.1.1.1 ::1 1 2\r\n',
    'PROXY TCP4 1.1.1.256 2.2.2.2 1 2\r\n',
    'PROXY TCP4  1.1.1.1 2.2.2.2 1 2\r\n',
    'PROXY TCP4 1.1.1.1 2.2.2.2 1 2 3\r\n',
    'PROXY UDP4 1.1.1.1 2.2.2.2 1 2\r\n',
    'PROXY \r\n',
    `PROXY UNKNOWN ${'x'.repeat(120)}\r\n`,
    'PROXY TCP4 1.1.1.1 2.2.2.2 1 2\nGET / HTTP/1.1\r\n',
  ])('of %j is malformed', (text) => {
    expect(parseProxyHeader(Buffer.from(text, 'latin1'))).toEqual({ is: 'malformed' });
  });

  it('in binary is malformed when a field means nothing or is too long', () => {
    const body = v4Body('1.2.3.4', 5);
    for (const bytes of [
      v2({ command: 2, body }),
      v2({ family: 4, body }),
      v2({ transport: 3, body }),
      v2({ body: body.subarray(0, 11) }),
      v2({ family: 2, body }),
      v2({ family: 3, body }),
      v2({ body: Buffer.alloc(5000) }),
      v2({ body: Buffer.alloc(5000) }).subarray(0, 20),
      Buffer.concat([SIGNATURE, Buffer.from([0x11, 0x11, 0, 12]), body]),
    ]) {
      expect(parseProxyHeader(bytes)).toEqual({ is: 'malformed' });
    }
  });
});
