import { createHash, randomBytes } from 'node:crypto';
import { createServer, get, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { afterEach, expect, it } from 'vitest';
import { Cleanup } from '../process/cleanup.js';
import { startEdgeProcess } from '../system/edge-process.js';

const CLIENTS = 200;
const SEGMENT = randomBytes(1_500_000);
const HALF = SEGMENT.byteLength / 2;

let cleanup = new Cleanup();
afterEach(async () => {
  await cleanup.run();
  cleanup = new Cleanup();
});

/** An origin that answers when told to, and counts what it was asked. */
async function heldOrigin(): Promise<{ url: string; requests: string[]; answers: ServerResponse[] }> {
  const requests: string[] = [];
  const answers: ServerResponse[] = [];
  const server: Server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    answers.push(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanup.add(async () => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('a TCP server has no port');
  return { url: `http://127.0.0.1:${address.port}`, requests, answers };
}

interface Download {
  readonly firstByte: Promise<void>;
  readonly whole: Promise<{ readonly status: number | undefined; readonly sha256: string }>;
}

function download(url: string): Download {
  const response = new Promise<IncomingMessage>((resolve, reject) => {
    get(url, { agent: false }, resolve).once('error', reject);
  });
  const firstByte = response.then(
    (message) => new Promise<void>((resolve) => void message.once('data', () => resolve())),
  );
  const whole = response.then(async (message) => {
    const hash = createHash('sha256');
    message.on('data', (chunk: Buffer) => hash.update(chunk));
    await new Promise((resolve, reject) => message.once('end', resolve).once('error', reject));
    return { status: message.statusCode, sha256: hash.digest('hex') };
  });
  return { firstByte, whole };
}

it('200 clients at once for one cold segment: one origin request, streamed to all, identical bytes', async () => {
  const origin = await heldOrigin();
  const edge = await startEdgeProcess({ origin: origin.url });
  cleanup.add(edge.stop);
  const url = `${edge.url}/film/720p/17.m4s`;

  const downloads = Array.from({ length: CLIENTS }, () => download(url));
  // All are connected before the origin says its first word …
  await expect
    .poll(() => edge.metric('eddy_edge_connections'), { timeout: 30_000 })
    .toBeGreaterThanOrEqual(CLIENTS);
  await expect.poll(() => origin.answers.length, { timeout: 30_000 }).toBeGreaterThan(0);
  const [answer] = origin.answers;
  if (answer === undefined) throw new Error('the edge asked the origin for nothing');
  answer.writeHead(200, {
    'Content-Type': 'video/mp4',
    'Content-Length': SEGMENT.byteLength,
    'Cache-Control': 'max-age=3600',
  });
  answer.write(SEGMENT.subarray(0, HALF));
  // … and have bytes in hand before it says its last.
  await Promise.all(downloads.map(({ firstByte }) => firstByte));
  answer.end(SEGMENT.subarray(HALF));

  const sha256 = createHash('sha256').update(SEGMENT).digest('hex');
  const outcomes = await Promise.all(downloads.map(({ whole }) => whole));
  expect(outcomes).toEqual(Array.from({ length: CLIENTS }, () => ({ status: 200, sha256 })));
  expect(origin.requests).toEqual(['GET /film/720p/17.m4s']);

  // Whoever comes later is served from memory.
  expect((await download(url).whole).sha256).toBe(sha256);
  expect(origin.requests).toHaveLength(1);
});
