import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rename, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { PROTOCOL_VERSION, parseEdgeMessage, SWARM_PATH } from '@eddy/protocol';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { ask, Cleanup, startHttpOrigin, temporaryFolder } from '../testing/edge-fixture.js';

const cleanup = new Cleanup();
afterEach(() => cleanup.run());

interface RunningWorkers {
  readonly child: ChildProcess;
  readonly code: Promise<number | null>;
  readonly url: string;
  readonly admin: string;
  metric(name: string): Promise<number>;
  says(text: RegExp): Promise<RegExpExecArray>;
}

/**
 * Lets a front die on the edge's SIGUSR2: of those that hold connections, the one with the fewest. Who takes them is
 * the kernel's affair; on a busy machine a front may have none.
 */
const CRASH = `
import { isMainThread, workerData } from 'node:worker_threads';
const channel = new BroadcastChannel('crash');
if (isMainThread) {
  const held = [];
  channel.onmessage = ({ data }) => {
    if (!data.held) return;
    held.push(data.held);
    if (held.length < data.held.fronts) return;
    const [fewest] = held.filter(({ sockets }) => sockets > 0).sort((one, other) => one.sockets - other.sockets);
    if (fewest) channel.postMessage({ dies: fewest.slot });
  };
  process.on('SIGUSR2', () => channel.postMessage({ who: true }));
  if (process.channel) console.error('edge is', process.pid);
} else channel.onmessage = ({ data }) => {
  const { slot, slots } = workerData;
  const sockets = process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length;
  // One of the slots is the owner's.
  if (data.who) channel.postMessage({ held: { slot, fronts: slots - 1, sockets } });
  if (data.dies === slot) throw new Error('crashed on purpose');
};
channel.unref();
`;

async function startWorkers(origin: string, workers: number): Promise<RunningWorkers> {
  const folder = await temporaryFolder(cleanup);
  const program = join(folder, 'program.mjs');
  const crash = join(folder, 'crash.mjs');
  // As built: on Node 20 threads cannot be run from TypeScript sources. `npm run build` or `npx tsc --build edge` makes it.
  const cli = new URL('../../dist/cli.js', import.meta.url).href;
  await writeFile(
    program,
    `import { runCli } from ${JSON.stringify(cli)};\nawait runCli(process.argv.slice(2));\n`,
  );
  await writeFile(crash, CRASH);
  const flags = ['--import', crash];
  const listeners = ['listen', 'admin', 'insight'].flatMap((name) => [`--${name}`, '127.0.0.1:0']);
  const own = ['--origin', origin, '--workers', String(workers), '--data-dir', join(folder, 'data')];
  const child = spawn(process.execPath, [...flags, program, ...listeners, ...own], {
    stdio: ['ignore', 'pipe', 'pipe'],
    // Longer than a test: a stop that its deadline alone brings to an end exits with 0 too, and must not pass.
    env: { ...process.env, EDDY_INSIGHT_ENABLED: 'false', EDDY_STOP_DEADLINE_MS: '120000' },
  });
  cleanup.add(async () => child.kill('SIGKILL'));
  let output = '';
  let heard = (): void => {};
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (piece: Buffer) => {
      output += piece.toString();
      heard();
    });
  }
  const code = once(child, 'close').then(([status]: unknown[]) =>
    typeof status === 'number' ? status : null,
  );
  const says = (text: RegExp): Promise<RegExpExecArray> =>
    new Promise((resolve, reject) => {
      heard = () => {
        const match = text.exec(output);
        if (match !== null) resolve(match);
      };
      heard();
      void code.then((status) => reject(new Error(`ended with ${status}: ${output}`)));
    });
  const [, url = '', admin = ''] = await says(/serves (\S+) \(admin (\S+),/);
  const metric = async (name: string): Promise<number> => {
    const { body } = await ask(admin, '/metrics');
    const line = body
      .toString()
      .split('\n')
      .find((candidate) => candidate.startsWith(`${name} `));
    return Number(line?.slice(name.length + 1));
  };
  return { child, code, url, admin, says, metric };
}

const HITS = 'eddy_edge_requests_total{result="hit"}';

/** Requests over one kept connection, one after the other. */
class Client {
  readonly #socket: ReturnType<typeof connect>;
  /** Joined at the end alone: looking through all of 8 MB at each piece takes seconds. */
  #pieces: Buffer[] = [];
  #bytes = 0;
  #wake = (): void => {};
  closed = false;

  constructor(url: string) {
    const { port, hostname } = new URL(url);
    this.#socket = connect(Number(port), hostname);
    this.#socket.on('data', (piece: Buffer) => {
      this.#pieces.push(piece);
      this.#bytes += piece.length;
      this.#wake();
    });
    this.#socket.on('error', () => {});
    this.#socket.on('close', () => {
      this.closed = true;
      this.#wake();
    });
    cleanup.add(async () => this.#socket.destroy());
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  /** The whole response as text; rejects where the connection ends before. */
  async get(path: string, ...fields: string[]): Promise<string> {
    this.#pieces = [];
    this.#bytes = 0;
    this.#socket.write(`GET ${path} HTTP/1.1\r\n${['Host: h', ...fields].join('\r\n')}\r\n\r\n`);
    let wholeBytes: number | undefined;
    for (;;) {
      wholeBytes ??= wholeBytesOf(this.#pieces);
      if (wholeBytes !== undefined && this.#bytes >= wholeBytes) return this.#text();
      if (this.closed) throw new Error(`ended after ${this.#bytes} bytes: ${this.#text().slice(0, 1000)}`);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  #text(): string {
    return Buffer.concat(this.#pieces).toString('latin1');
  }
}

/** Of a response with its head; undefined until that has come. */
function wholeBytesOf(pieces: readonly Buffer[]): number | undefined {
  const text = Buffer.concat(pieces).toString('latin1');
  const head = text.indexOf('\r\n\r\n');
  const length = /content-length: (\d+)/i.exec(text)?.[1];
  return head === -1 || length === undefined ? undefined : head + 4 + Number(length);
}

describe('an edge with four workers', { timeout: 60_000 }, () => {
  it('is one edge: one request to the origin, one count of hits, one purge', async () => {
    let asked = 0;
    const body = Buffer.alloc(300_000, 'eddy');
    let version = 1;
    const origin = await startHttpOrigin(cleanup, (request, response) => {
      asked++;
      if (request.url === '/v.txt') {
        const text = `version ${version}`;
        response.writeHead(200, { 'Cache-Control': 'max-age=600', 'Content-Length': text.length }).end(text);
        return;
      }
      response.writeHead(200, { 'Cache-Control': 'max-age=600', 'Content-Length': body.length });
      response.write(body.subarray(0, 1000));
      setTimeout(() => response.end(body.subarray(1000)), 300);
    });
    const edge = await startWorkers(origin, 4);

    const clients = Array.from({ length: 200 }, () => new Client(edge.url));
    const first = await Promise.all(clients.map((client) => client.get('/a.bin')));
    for (const text of first) expect(text.slice(text.indexOf('\r\n\r\n') + 4) === body.toString()).toBe(true);
    expect(asked).toBe(1);

    // The same connections, now hits, at fronts and over tunnels that come back.
    const before = await edge.metric(HITS);
    for (let round = 0; round < 3; round++) {
      const texts = await Promise.all(clients.map((client) => client.get('/a.bin')));
      for (const text of texts) {
        expect(text).toMatch(/^HTTP\/1.1 200 OK\r\n[\s\S]*Cache-Status: eddy; hit; ttl=5\d\d\r\n/);
        expect(text.slice(text.indexOf('\r\n\r\n') + 4) === body.toString()).toBe(true);
      }
    }
    const ranges = await Promise.all(clients.map((client) => client.get('/a.bin', 'Range: bytes=0-1')));
    expect(ranges.every((text) => text.startsWith('HTTP/1.1 206') && text.endsWith('\r\n\r\ned'))).toBe(true);
    expect(await edge.metric(HITS)).toBe(before + 800);
    expect(await edge.metric('eddy_edge_connections')).toBe(200);
    expect(asked).toBe(1);

    // Once a purge is acknowledged nobody gets the old bytes.
    for (let round = 0; round < 10; round++) {
      await Promise.all(clients.map((client) => client.get('/v.txt')));
      version++;
      const purge = await fetch(new URL('/purge', edge.admin), {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ path: '/v.txt' }),
      });
      expect(await purge.json()).toMatchObject({ objects: 1 });
      const texts = await Promise.all(clients.map((client) => client.get('/v.txt')));
      expect(texts.filter((text) => !text.endsWith(`version ${version}`))).toEqual([]);
    }
    expect(asked).toBe(12);
  });

  it('has one swarm: viewers meet whichever front took their connection', async () => {
    const folder = await temporaryFolder(cleanup);
    const edge = await startWorkers(`file://${folder}`, 4);
    const viewers = 48;
    const open = new Set<WebSocket>();
    const joining = Array.from({ length: viewers }, async (_, index) => {
      const socket = new WebSocket(`${edge.url.replace(/^http/, 'ws')}${SWARM_PATH}`);
      cleanup.add(async () => socket.terminate());
      socket.on('error', () => {});
      await once(socket, 'open');
      open.add(socket);
      socket.on('close', () => open.delete(socket));
      const welcome = once(socket, 'message');
      const join = { type: 'join', version: PROTOCOL_VERSION, presentation: '/v.m3u8', session: 's' };
      socket.send(JSON.stringify({ ...join, viewer: `viewer ${index}`, upload: true }));
      const [text]: unknown[] = await welcome;
      return parseEdgeMessage(String(text));
    });
    const welcomes = await Promise.all(joining);
    expect(new Set(welcomes.map((message) => message.type === 'welcome' && message.room)).size).toBe(1);
    expect(await edge.metric('eddy_swarm_viewers')).toBe(viewers);
    expect(await edge.metric('eddy_swarm_rooms')).toBe(1);

    // They did come by different ways: with a front go its own.
    process.kill(Number((await edge.says(/edge is (\d+)/))[1]), 'SIGUSR2');
    await edge.says(/"restarted":true.*front failed/);
    // Of sockets that have gone neither side need know yet.
    while (open.size === viewers || open.size !== (await edge.metric('eddy_swarm_viewers'))) {
      await new Promise(setImmediate);
    }
    expect(open.size).toBeGreaterThan(0);
  });

  it('lets responses end when it is stopped, and replaces a front that dies', async () => {
    const folder = await temporaryFolder(cleanup);
    await writeFile(join(folder, 'a.part'), Buffer.alloc(8_000_000, 'eddy'));
    await rename(join(folder, 'a.part'), join(folder, 'a.m4s'));
    const edge = await startWorkers(`file://${folder}`, 4);
    // Whole, so that it is kept: a fill that nobody waits for any more may be given up.
    expect((await ask(edge.url, '/a.m4s')).body.length).toBe(8_000_000);
    const clients = Array.from({ length: 64 }, () => new Client(edge.url));
    await Promise.all(clients.map((client) => client.get('/a.m4s', 'Range: bytes=0-9')));
    expect(await edge.metric('eddy_edge_connections')).toBe(64);

    const pid = Number((await edge.says(/edge is (\d+)/))[1]);
    process.kill(pid, 'SIGUSR2');
    await edge.says(/"restarted":true.*front failed/);
    // Its connections alone are lost.
    const survivors = (
      await Promise.all(
        clients.map((client) =>
          client.get('/a.m4s', 'Range: bytes=0-9').then(
            () => client,
            () => undefined,
          ),
        ),
      )
    ).filter((client) => client !== undefined);
    expect(survivors.length).toBeGreaterThan(0);
    expect(await edge.metric('eddy_edge_connections')).toBe(survivors.length);
    const more = Array.from({ length: 64 }, () => new Client(edge.url));
    await Promise.all(more.map((client) => client.get('/a.m4s', 'Range: bytes=0-9')));

    const before = await edge.metric(HITS);
    const slow = [...survivors.slice(0, 6), ...more.slice(0, 6)];
    const under = slow.map((client, index) => {
      client.pause();
      return client.get('/a.m4s', ...(index % 2 === 0 ? [] : ['Range: bytes=0-7999999']));
    });
    while ((await edge.metric(HITS)) < before + under.length) await new Promise(setImmediate);
    edge.child.kill('SIGTERM');
    await refused(edge.url);
    for (const client of slow) client.resume();
    for (const text of await Promise.all(under)) expect(text.length).toBeGreaterThan(8_000_000);
    expect(await edge.code).toBe(0);
  });

  it('ends connections of every thread after their next response while it drains', async () => {
    const folder = await temporaryFolder(cleanup);
    await writeFile(join(folder, 'a.m4s'), 'hello');
    const edge = await startWorkers(`file://${folder}`, 2);
    const clients = Array.from({ length: 16 }, () => new Client(edge.url));
    const heads = (): Promise<string[]> => Promise.all(clients.map((client) => client.get('/a.m4s')));
    await heads();
    for (const head of await heads()) expect(head).toContain('Connection: keep-alive');
    const headers = { 'Content-Type': 'application/json' };
    const { body } = await ask(edge.admin, '/drain', { method: 'POST', headers });
    expect(JSON.parse(body.toString())).toMatchObject({ draining: true, connections: clients.length });
    for (const head of await heads()) expect(head).toMatch(/Connection: close[\s\S]*hello$/);
    edge.child.kill('SIGTERM');
    expect(await edge.code).toBe(0);
  });

  it('looks at its keys on SIGHUP, and serves on', async () => {
    const folder = await temporaryFolder(cleanup);
    const edge = await startWorkers(`file://${folder}`, 2);
    edge.child.kill('SIGHUP');
    // Had the first ended the launcher, this would come too late to end it well.
    edge.child.kill('SIGTERM');
    expect(await edge.code).toBe(0);
  });

  it('ends with an error when its owner dies, and with its launcher', async () => {
    const folder = await temporaryFolder(cleanup);
    const edge = await startWorkers(`file://${folder}`, 2);
    const pid = Number((await edge.says(/edge is (\d+)/))[1]);
    process.kill(pid, 'SIGKILL');
    expect(await edge.code).toBe(1);

    const other = await startWorkers(`file://${folder}`, 2);
    other.child.kill('SIGKILL');
    await other.code;
    await refused(other.url);
  });
});

/** Resolves when nobody takes connections any more. */
async function refused(url: string): Promise<void> {
  const { port, hostname } = new URL(url);
  for (;;) {
    const socket = connect(Number(port), hostname);
    const taken = await Promise.race([
      once(socket, 'connect').then(() => true),
      once(socket, 'close').then(() => false),
    ]).catch(() => false);
    socket.destroy();
    if (!taken) return;
    await new Promise(setImmediate);
  }
}
