import { once } from 'node:events';
import { connect } from 'node:net';
import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Cleanup } from '../testing/edge-fixture.js';
import { converse, type LaneServer, startLaneServer } from './lane-fixture.js';

const cleanup = new Cleanup();
afterEach(() => cleanup.run());

const request = (target: string, ...fields: string[]): string =>
  `GET ${target} HTTP/1.1\r\n${['Host: h', ...fields].join('\r\n')}\r\n\r\n`;
const post = (target: string, body: string): string =>
  `POST ${target} HTTP/1.1\r\nHost: h\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
const HOT = request('/hot/a');
const SLOW = request('/slow/a');
const both = async (staticReads: boolean): Promise<{ on: LaneServer; off: LaneServer }> => ({
  on: await startLaneServer(cleanup, { lane: true, staticReads }),
  off: await startLaneServer(cleanup, { lane: false }),
});
const bytes = (...texts: string[]): Buffer[] => texts.map((text) => Buffer.from(text, 'latin1'));

describe.each([true, false])('a hot lane (static reads: %s)', (staticReads) => {
  it('answers plain requests, node:http all others, on one connection', async () => {
    const { on, off } = await both(staticReads);
    const range = request('/hot/a', 'Range: bytes=0-1');
    const chunks = bytes(
      HOT,
      HOT,
      range,
      HOT,
      request('/late'),
      HOT,
      post('/x', 'abc'),
      HOT,
      HOT,
      HOT + HOT,
      HOT,
      HOT,
    );
    expect((await converse(on, chunks)).toString()).toBe((await converse(off, chunks)).toString());
    // After two at once one request goes by node:http, which shows where it stands.
    expect([on.hot(), on.seen()]).toEqual([7, 6]);
  });

  it.each([
    ['GET /hot/a HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nX: ', HOT, HOT, HOT],
    ['POST /unread HTTP/1.1\r\nHost: h\r\nContent-Length: 60\r\n\r\n', HOT, HOT, HOT],
    [request('/late') + HOT.slice(0, 10), HOT.slice(10), HOT, HOT],
  ])('sees where requests end by what node:http makes of them (%j)', async (...texts) => {
    const { on, off } = await both(staticReads);
    expect((await converse(on, bytes(...texts))).toString()).toBe(
      (await converse(off, bytes(...texts))).toString(),
    );
  });

  it('answers as node:http does wherever the bytes are split', async () => {
    const { on, off } = await both(staticReads);
    const text = Buffer.from(HOT + request('/late') + HOT + post('/x', 'GET /hot/a') + HOT);
    const expected = (await converse(off, [text])).toString();
    for (let at = 0; at <= text.length; at++) {
      const answered = await converse(
        on,
        [text.subarray(0, at), text.subarray(at)].filter((piece) => piece.length > 0),
      );
      expect(answered.toString(), `split at ${at}`).toBe(expected);
    }
  });

  it('answers as node:http does, whatever comes', { timeout: 120_000 }, async () => {
    const { on, off } = await both(staticReads);
    const message = fc.oneof(
      { weight: 6, arbitrary: fc.constantFrom(HOT, SLOW, request('/hot/b', 'Accept: */*')) },
      fc.constantFrom(
        ...[request('/late'), request('/hot/a?x'), request('/hot/a', 'Range: bytes=0-1')],
        ...[post('/x', 'abc'), post('/unread', HOT), post('/late', `${HOT}${HOT}`), post('/x', '')],
        ...[
          'HEAD /hot/a HTTP/1.1\r\nHost: h\r\n\r\n',
          'GET /hot/a HTTP/1.0\r\n\r\n',
          '\r\n',
          'GET /hot/a',
          'X: ',
        ],
        ...[
          request('/hot/a', 'Connection: close'),
          request('/hot/a', 'Content-Length: 3'),
          request('/hot/a', 'A:  b'),
        ],
        'POST /x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n',
        'POST /x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n3\r\nabc\r\n0\r\n\r\n',
        'POST /x HTTP/1.1\r\nHost: h\r\nX: ',
      ),
    );
    const mutation = fc.record({ at: fc.nat(), byte: fc.constantFrom(0, 9, 10, 13, 32, 58, 65, 255) });
    const script = fc.record({
      messages: fc.array(message, { minLength: 1, maxLength: 8 }),
      mutations: fc.oneof({ weight: 2, arbitrary: fc.constant([]) }, fc.array(mutation, { maxLength: 2 })),
      cuts: fc.array(fc.nat(), { maxLength: 4 }),
      whole: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(script, async ({ messages, mutations, cuts, whole }) => {
        const pieces = bytes(...messages);
        for (const { at, byte } of mutations) {
          const piece = pieces[at % pieces.length];
          if (piece !== undefined) piece[at % piece.length] = byte;
        }
        const chunks = whole ? pieces : cut(Buffer.concat(pieces), cuts);
        expect((await converse(on, chunks)).toString('latin1')).toBe(
          (await converse(off, chunks)).toString('latin1'),
        );
      }),
      { numRuns: 400 },
    );
    expect(on.hot()).toBeGreaterThan(400);
  });

  it('gives answers that take their time, and holds what comes meanwhile until they are given', async () => {
    const { on, off } = await both(staticReads);
    const chunks = bytes(SLOW, HOT, request('/late'), SLOW, SLOW, post('/x', 'abc'), SLOW);
    expect((await converse(on, chunks)).toString()).toBe((await converse(off, chunks)).toString());
    expect(on.hot()).toBe(5);
    const held = await startLaneServer(cleanup, { lane: true, staticReads, waits: true });
    const expected = (await converse(off, bytes(SLOW, HOT, request('/late'), HOT))).toString();
    const client = connect({ port: held.port, host: '127.0.0.1' });
    let text = '';
    client.setEncoding('latin1').on('data', (piece: string) => {
      text += piece;
    });
    for (const chunk of [SLOW, HOT, request('/late'), HOT]) {
      client.write(chunk);
      for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
    }
    expect([held.hot(), held.seen(), text]).toEqual([1, 0, expected.slice(0, text.length)]);
    held.goOn();
    while (text.length < expected.length) await new Promise(setImmediate);
    expect(text).toBe(expected);
    client.destroy();
  });

  it('leaves all to node:http once it is closed', async () => {
    const on = await startLaneServer(cleanup, { lane: true, staticReads });
    on.lane?.rest(true);
    await converse(on, bytes(HOT, HOT));
    expect([on.hot(), on.seen()]).toEqual([0, 2]);
  });
});

describe.each([true, false])('connections of a hot lane (static reads: %s)', (staticReads) => {
  const open = async (on: LaneServer): Promise<ReturnType<typeof connect>> => {
    const client = connect({ port: on.port, host: '127.0.0.1' });
    client.on('error', () => {});
    await once(client, 'connect');
    cleanup.add(async () => client.destroy());
    return client;
  };
  const answered = async (client: ReturnType<typeof connect>, text: string): Promise<string> => {
    client.write(text);
    const [piece]: unknown[] = await once(client, 'data');
    return String(piece);
  };

  it('are told when nothing comes, and closed when nothing more comes', async () => {
    const on = await startLaneServer(cleanup, { lane: true, staticReads, headersMs: 40, keepAliveMs: 40 });
    on.server.on('clientError', ({ code }: NodeJS.ErrnoException, socket) => socket.end(code));
    const silent = await open(on);
    const [word]: unknown[] = await once(silent, 'data');
    expect(String(word)).toBe('ERR_HTTP_REQUEST_TIMEOUT');
    for (const texts of [[HOT], [request('/late')], [request('/late'), HOT]]) {
      const client = await open(on);
      for (const text of texts) await answered(client, text);
      await once(client, 'close');
    }
  });

  it.each([[[HOT]], [[request('/late'), HOT]]])(
    'end at a stop when they are idle, and not before their body is out (%j)',
    async (texts) => {
      const bodyBytes = 32 * 1024 * 1024;
      const on = await startLaneServer(cleanup, { lane: true, staticReads, bodyBytes });
      const idle = await open(on);
      const silent = await open(on);
      idle.resume().write(request('/late'));
      const slow = await open(on);
      for (const text of texts.slice(0, -1)) await answered(slow, text);
      slow.pause();
      slow.write(texts.at(-1) ?? '');
      while (on.hot() < 1 || on.unanswered() > 0) await new Promise(setImmediate);
      const closed = Promise.all([idle, silent].map((client) => once(client.resume(), 'close')));
      on.server.close();
      await closed;
      let received = 0;
      slow.on('data', (piece: Buffer) => {
        received += piece.length;
      });
      slow.resume();
      await once(slow, 'close');
      expect(received).toBeGreaterThan(bodyBytes);
    },
  );

  it('do not end at a stop amid an answer that takes its time, and soon after it', async () => {
    const on = await startLaneServer(cleanup, { lane: true, staticReads, waits: true, bodyBytes: 1000 });
    const { length: wholeBytes } = await converse(on, bytes(HOT));
    const client = await open(on);
    let received = 0;
    client.on('data', (piece: Buffer) => {
      received += piece.length;
    });
    client.write(SLOW);
    while (on.unanswered() === 0) await new Promise(setImmediate);
    on.server.close();
    on.server.closeIdleConnections();
    on.goOn();
    while (on.unanswered() > 0) await new Promise(setImmediate);
    on.server.closeIdleConnections();
    await once(client, 'close');
    expect(received).toBe(wholeBytes);
  });

  it('are cut amid an answer that takes its time when nothing moves, with no word in it', async () => {
    const on = await startLaneServer(cleanup, { lane: true, staticReads, waits: true, stalledMs: 40 });
    on.server.on('clientError', (_error, socket) => socket.end('a word'));
    const client = await open(on);
    let text = '';
    client.on('data', (piece: Buffer) => {
      text += String(piece);
    });
    client.write(SLOW);
    await once(client, 'close');
    expect(text).toMatch(/abcdefg/);
    expect(text).not.toContain('word');
  });

  it('keep their timer while a word takes its time', async () => {
    const on = await startLaneServer(cleanup, { lane: true, staticReads });
    const client = await open(on);
    const [word, page] = [post('/word', 'abc'), SLOW];
    await answered(client, word);
    const timed = vi.spyOn(on.sockets[0] ?? expect.unreachable(), 'setTimeout');
    for (let round = 0; round < 3; round++) expect(await answered(client, word)).toContain(' 200 ');
    expect(timed).not.toHaveBeenCalled();
    await answered(client, page);
    expect(timed).toHaveBeenCalledWith(60_000);
  });

  it('hold one answer for whoever does not take it', async () => {
    const bodyBytes = 8 * 1024 * 1024;
    const on = await startLaneServer(cleanup, { lane: true, staticReads, bodyBytes });
    const greedy = await open(on);
    greedy.pause();
    for (let sent = 1; sent <= 20; sent++) {
      greedy.write(HOT);
      for (let turns = 0; turns < 5; turns++) await new Promise(setImmediate);
    }
    // The lane's, and that by which node:http notices that it must wait.
    expect(on.sockets[0]?.writableLength).toBeLessThan(2.1 * bodyBytes);
    let received = 0;
    greedy.on('data', (piece: Buffer) => {
      received += piece.length;
    });
    greedy.resume();
    while (received < 20 * bodyBytes) await new Promise(setImmediate);
    expect(on.hot() + on.seen()).toBe(20);
  });

  it('are cut when they take nothing for too long', async () => {
    const on = await startLaneServer(cleanup, {
      lane: true,
      staticReads,
      bodyBytes: 32 * 1024 * 1024,
      stalledMs: 100,
    });
    const stalled = await open(on);
    stalled.pause();
    stalled.write(HOT);
    while (on.hot() < 1) await new Promise(setImmediate);
    const [end] = on.sockets;
    if (end !== undefined && !end.destroyed) await once(end, 'close');
    expect(end?.destroyed).toBe(true);
  });

  it('are let go with an upgrade', async () => {
    const on = await startLaneServer(cleanup, { lane: true, staticReads });
    on.server.on('upgrade', (_request, socket) => {
      socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n');
      setImmediate(() => socket.pipe(socket));
    });
    const client = await open(on);
    await answered(client, HOT);
    expect(await answered(client, request('/x', 'Connection: upgrade', 'Upgrade: echo'))).toContain('101');
    on.server.closeIdleConnections();
    expect(await answered(client, HOT)).toBe(HOT);
    expect(await answered(client, HOT)).toBe(HOT);
    expect(on.hot()).toBe(1);
  });
});

function cut(whole: Buffer, cuts: readonly number[]): Buffer[] {
  const points = [...new Set([0, ...cuts.map((at) => at % whole.length), whole.length])].sort(
    (a, b) => a - b,
  );
  return points.slice(1).map((end, index) => whole.subarray(points[index], end));
}
