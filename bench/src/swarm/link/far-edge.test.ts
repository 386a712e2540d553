import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { Egress } from './egress.js';
import { type FarEdge, startFarEdge } from './far-edge.js';

let edge: Server;
let far: FarEdge;
let hosts: (string | undefined)[];

beforeEach(async () => {
  hosts = [];
  edge = createServer((request, response) => {
    hosts.push(request.headers.host);
    if (request.url === '/gone') response.writeHead(404).end('no');
    else if (request.url === '/endless') response.write(Buffer.alloc(1000));
    else response.writeHead(206, { 'X-Range': request.headers.range ?? '' }).end(Buffer.alloc(300_000, 7));
  });
  new WebSocketServer({ server: edge }).on('connection', (socket, { headers }) => {
    hosts.push(headers.host);
    socket.on('message', (data) => socket.send(`heard ${data}`));
  });
  await new Promise<void>((resolve) => edge.listen(0, '127.0.0.1', resolve));
  const edgePort = (edge.address() as AddressInfo).port;
  far = await startFarEdge({
    ...{ edgePort, trackerPort: edgePort, oneWayMs: 1, now: () => 0 },
    egress: new Egress({ bitsPerSecond: Number.POSITIVE_INFINITY }),
  });
});
afterEach(async () => {
  await far.stop();
  edge.closeAllConnections();
  await new Promise((resolve) => edge.close(resolve));
});

describe('the way to the edge', () => {
  it('passes requests and answers on as they are, and counts bodies', async () => {
    const answer = await fetch(`${far.url}/a.m4s`, { headers: { range: 'bytes=5-' } });
    const body = Buffer.from(await answer.arrayBuffer());
    expect(answer.status).toBe(206);
    expect(answer.headers.get('x-range')).toBe('bytes=5-');
    expect(body.equals(Buffer.alloc(300_000, 7))).toBe(true);
    expect((await fetch(`${far.url}/gone`)).status).toBe(404);
    expect(far.requests).toMatchObject([
      { path: '/a.m4s', range: 'bytes=5-', status: 206, bytes: 300_000, cut: false },
      { path: '/gone', status: 404, bytes: 2, cut: false },
    ]);
  });

  it('notes what a viewer gave up', async () => {
    const controller = new AbortController();
    const answer = await fetch(`${far.url}/endless`, { signal: controller.signal });
    await answer.body?.getReader().read();
    controller.abort();
    await expect.poll(() => far.requests[0]?.cut).toBe(true);
    expect(far.requests[0]?.bytes).toBe(1000);
  });

  it('carries WebSockets, and names one host to the edge for all viewers', async () => {
    const socket = new WebSocket(`${far.url.replace('http', 'ws')}/room`);
    await new Promise((resolve) => socket.once('open', resolve));
    const heard = new Promise((resolve) => socket.once('message', (data) => resolve(String(data))));
    socket.send('hello');
    expect(await heard).toBe('heard hello');
    expect(far.socketBytes()).toBeGreaterThan(0);
    await fetch(`${far.url}/a.m4s`);
    expect(new Set(hosts).size).toBe(1);
    socket.terminate();
  });
});
