import { randomBytes } from 'node:crypto';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { RunningEdge } from './edge.js';
import { Cleanup, type Gate, gate, metric, startHttpOrigin, startTestEdge } from './testing/edge-fixture.js';

const cleanup = new Cleanup();
afterEach(() => cleanup.run());

const BODY = randomBytes(3_000_000);
/** So little that the rest is not worth fetching for nobody. */
const PART = BODY.length / 3;
/** With it a request is not plain, and its answer the same. */
const BY_NODE = 'Pragma: x';

interface FillingEdge {
  readonly edge: RunningEdge;
  /** Lets the origin send the rest, or break off. */
  readonly rest: Gate<'ends' | 'breaks'>;
  readonly origin: { requests: number };
  /** Paths of requests that `node:http` read. */
  readonly seen: string[];
}

/** Its origin sends a part of an object, and waits. */
async function fillingEdge(fields: Readonly<Record<string, string>> = {}): Promise<FillingEdge> {
  const rest = gate<'ends' | 'breaks'>();
  const origin = { requests: 0 };
  const url = await startHttpOrigin(cleanup, async (_request, response) => {
    origin.requests++;
    const length = 'transfer-encoding' in fields ? {} : { 'content-length': BODY.length };
    response.writeHead(200, { ...length, 'cache-control': 'max-age=60', ...fields });
    response.write(BODY.subarray(0, PART));
    if ((await rest.passed) === 'ends') response.end(BODY.subarray(PART));
    else response.destroy();
  });
  const edge = await startTestEdge(cleanup, { origin: { url } });
  const seen: string[] = [];
  const onRequest = (message: unknown): void => {
    const { request } = message as { request: { url: string; socket: Socket } };
    if (request.socket.localPort === edge.public.port) seen.push(request.url);
  };
  subscribe('http.server.request.start', onRequest);
  cleanup.add(async () => void unsubscribe('http.server.request.start', onRequest));
  return { edge, rest, origin, seen };
}

/** A connection that counts what it gets. */
class Client {
  readonly socket: Socket;
  readonly closed: Promise<unknown>;
  #pieces: Buffer[] = [];
  #bytes = 0;

  constructor({ edge }: FillingEdge) {
    this.socket = connect({ host: '127.0.0.1', port: edge.public.port });
    this.socket.on('error', () => {});
    this.socket.on('data', (piece: Buffer) => {
      this.#pieces.push(piece);
      this.#bytes += piece.length;
    });
    this.closed = once(this.socket, 'close');
    cleanup.add(async () => void this.socket.destroy());
  }

  ask(target: string, ...fields: string[]): this {
    this.socket.write(`GET ${target} HTTP/1.1\r\n${['Host: h', ...fields].join('\r\n')}\r\n\r\n`);
    return this;
  }

  async has(bytes: number): Promise<Buffer> {
    while (this.#bytes < bytes && !this.socket.closed) await new Promise(setImmediate);
    return Buffer.concat(this.#pieces);
  }

  /** All of one answer, which is taken away. */
  async whole(): Promise<{ head: string; body: Buffer }> {
    await this.has(BODY.length);
    const start = Buffer.concat(this.#pieces).indexOf('\r\n\r\n') + 4;
    const all = await this.has(start + BODY.length);
    this.#pieces = [];
    this.#bytes = 0;
    return { head: all.toString('latin1', 0, start), body: all.subarray(start) };
  }
}

/** The first asks, and everything the origin has sent is at the edge. */
async function begun(filling: FillingEdge, target: string): Promise<Client> {
  const first = new Client(filling).ask(target);
  await first.has(PART);
  return first;
}

describe('who asks plainly for what is on its way', () => {
  it('is answered by the lane as node:http would, again and again on one connection', async () => {
    const filling = await fillingEdge({ 'content-type': 'video/mp4', age: '7' });
    const first = await begun(filling, '/a.m4s');
    const [plain, other] = [new Client(filling), new Client(filling)];
    plain.ask('/a.m4s', 'Origin: https://player.example');
    other.ask('/a.m4s', 'Origin: https://player.example', BY_NODE);
    for (const client of [plain, other]) await client.has(PART);
    expect(filling.seen).toEqual(['/a.m4s', '/a.m4s']);
    filling.rest.open('ends');
    await first.whole();
    const [answer, expected] = [await plain.whole(), await other.whole()];
    expect([answer.head, answer.body.equals(BODY)]).toEqual([expected.head, true]);
    expect(answer.head).toMatch(/Cache-Status: eddy; fwd=uri-miss; .*stored; collapsed\r\n/);
    expect((await plain.ask('/a.m4s').whole()).head).toMatch(/Cache-Status: eddy; hit/);
    expect([filling.origin.requests, filling.seen.length]).toEqual([1, 2]);
    expect(await metric(filling.edge, 'eddy_edge_requests_total{result="collapsed"}')).toBe(2);
    expect(await metric(filling.edge, 'eddy_edge_response_bytes_total{result="collapsed"}')).toBe(
      2 * BODY.length,
    );
  });

  it.each([
    ['its answer depends on who asks', { vary: 'accept-language' }, []],
    ['its length is not known', { 'transfer-encoding': 'chunked' }, []],
    ['a part is asked for', {}, ['Range: bytes=0-99']],
  ])('is left to node:http where %s', async (_case, fields, asked) => {
    const filling = await fillingEdge(fields);
    await begun(filling, '/a.m4s');
    await new Client(filling).ask('/a.m4s', ...asked).has(100);
    filling.rest.open('ends');
    expect(filling.seen).toHaveLength(2);
  });

  it('is cut when the origin breaks off, and gets no clean end', async () => {
    const filling = await fillingEdge();
    await begun(filling, '/a.m4s');
    const follower = new Client(filling).ask('/a.m4s');
    await follower.has(PART);
    filling.rest.open('breaks');
    await follower.closed;
    expect((await follower.has(0)).length).toBeLessThan(BODY.length);
    expect(filling.seen).toHaveLength(1);
    expect(await metric(filling.edge, 'eddy_edge_cut_responses_total')).toBe(2);
  });

  it('gets it whole although it is purged meanwhile, and whoever comes then does not', async () => {
    const filling = await fillingEdge();
    await begun(filling, '/a.m4s');
    const follower = new Client(filling).ask('/a.m4s');
    await follower.has(PART);
    await fetch(`${filling.edge.admin.url}/purge`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ path: '/a.m4s' }),
    });
    const later = new Client(filling).ask('/a.m4s');
    await later.has(PART);
    expect(filling.origin.requests).toBe(2);
    filling.rest.open('ends');
    for (const client of [follower, later]) expect((await client.whole()).body.equals(BODY)).toBe(true);
  });

  it('is not waited for by others if it does not read, and has all once it does', async () => {
    const filling = await fillingEdge();
    const first = await begun(filling, '/a.m4s');
    const slow = new Client(filling);
    slow.socket.pause();
    slow.ask('/a.m4s');
    const follower = new Client(filling).ask('/a.m4s');
    filling.rest.open('ends');
    for (const client of [first, follower]) expect((await client.whole()).body.equals(BODY)).toBe(true);
    slow.socket.resume();
    expect((await slow.whole()).body.equals(BODY)).toBe(true);
    expect(filling.origin.requests).toBe(1);
  });

  it('keeps the fill going when the first has left, and ends it by leaving last', async () => {
    const filling = await fillingEdge();
    const first = await begun(filling, '/a.m4s');
    const follower = new Client(filling).ask('/a.m4s');
    await follower.has(PART);
    first.socket.destroy();
    await first.closed;
    filling.rest.open('ends');
    expect((await follower.whole()).body.equals(BODY)).toBe(true);
    const left = await fillingEdge();
    const clients = [await begun(left, '/b.m4s'), new Client(left).ask('/b.m4s')];
    await clients[1]?.has(100);
    for (const { socket } of clients) socket.destroy();
    while ((await metric(left.edge, 'eddy_edge_fills_total{outcome="abandoned"}')) !== 1)
      await new Promise(setImmediate);
  });
});
