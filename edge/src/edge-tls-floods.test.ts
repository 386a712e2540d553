import { afterEach, describe, expect, it } from 'vitest';
import { Cleanup, metric } from './testing/edge-fixture.js';
import { ask2, handshake, session, tlsEdge } from './testing/tls-fixture.js';

const cleanup = new Cleanup();
afterEach(() => cleanup.run());

function frame(type: number, flags: number, stream: number, payload: Buffer = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

/** `:method: GET`, `:scheme: https`, `:path: /none`, `:authority: a`, by HPACK's static table. */
const GET_FIELDS = Buffer.from([0x82, 0x87, 0x04, 5, ...Buffer.from('/none'), 0x01, 1, 0x61]);

const FLOODS = [
  {
    // CVE-2023-44487: cancelled as soon as they are asked for.
    what: 'rapid resets',
    frames: (index: number) =>
      Buffer.concat([
        frame(1, 5, index * 2 + 1, GET_FIELDS),
        frame(3, 0, index * 2 + 1, Buffer.from([0, 0, 0, 8])),
      ]),
    counted: true,
  },
  {
    what: 'streams beyond the limit',
    frames: (index: number) => frame(1, 4, index * 2 + 1, GET_FIELDS),
    counted: true,
  },
  { what: 'frames that mean nothing', frames: () => frame(8, 0, 0, Buffer.alloc(4)), counted: true },
  {
    // Never ended: what a header list may take is bounded.
    what: 'endless continuations',
    frames: (index: number) =>
      index === 0 ? frame(1, 1, 1, GET_FIELDS) : frame(9, 0, 1, Buffer.from(`\0\x04n${index % 10}ab\x01v`)),
    counted: false,
  },
];

describe('an HTTP/2 client that asks for too much', () => {
  it.each(FLOODS)('ends an HTTP/2 connection that floods it with $what', async ({ frames, counted }) => {
    const { edge, port } = await tlsEdge(cleanup);
    const socket = await handshake(cleanup, port, { ALPNProtocols: ['h2'] });
    socket.resume();
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.write(Buffer.concat([Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), frame(4, 0, 0)]));
    // Bounded: a server that bears all of it fails the test by never closing.
    for (let round = 0; round < 100 && socket.writable; round++) {
      const many = Array.from({ length: 200 }, (_, index) => frames(round * 200 + index));
      if (!socket.write(Buffer.concat(many))) {
        await Promise.race([closed, new Promise((resolve) => socket.once('drain', resolve))]);
      }
    }
    await closed;
    expect((await ask2(session(cleanup, port), { ':path': '/a.m4s' })).body).toBe('0123456789');
    if (counted) expect(await metric(edge, 'eddy_edge_refusals_total{reason="http2-flood"}')).toBe(1);
  });

  it('refuses HTTP/2 header lists that are too large', async () => {
    const { port } = await tlsEdge(cleanup, { limits: { headerBytes: 4096 } });
    const client = session(cleanup, port);
    const { headers, code } = await ask2(client, { ':path': '/a.m4s', 'x-large': 'x'.repeat(6000) });
    expect([headers[':status'], code]).toEqual([431, 0]);
    expect((await ask2(session(cleanup, port), { ':path': '/a.m4s' })).body).toBe('0123456789');
  });
});
