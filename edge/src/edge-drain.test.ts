import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { Agent, type IncomingMessage, request } from 'node:http';
import { type ClientHttp2Session, connect as connectHttp2 } from 'node:http2';
import { connect as connectTcp } from 'node:net';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { SWARM_PATH } from '@eddy/protocol';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { systemTimers, type Timers } from './components.js';
import type { EdgeComponents, RunningEdge } from './edge.js';
import { HeldTimers } from './held-timers.js';
import { CERTIFICATE_ONE } from './testing/certificates.js';
import {
  type Answer,
  ask,
  Cleanup,
  gate,
  metric,
  startHttpOrigin,
  startTestEdge,
  temporaryFolder,
} from './testing/edge-fixture.js';

const cleanup = new Cleanup();
afterEach(() => cleanup.run());

const BODY = 'x'.repeat(40_000);

async function drainingEdge(
  settings: Record<string, unknown> = {},
  components: EdgeComponents = {},
): Promise<RunningEdge> {
  const folder = await temporaryFolder(cleanup);
  await mkdir(join(folder, 'vod'));
  await writeFile(join(folder, 'vod', 'a.m4s'), BODY);
  return startTestEdge(cleanup, { origin: { url: pathToFileURL(folder).href }, ...settings }, components);
}

const JSON_TYPE = { 'Content-Type': 'application/json' };
const order = (edge: RunningEdge, body: string, method = 'POST'): Promise<Answer> =>
  ask(edge.admin.url, '/drain', { method, headers: JSON_TYPE, body });
const told = async (edge: RunningEdge, path = '/drain'): Promise<unknown> => {
  const { body } = await ask(edge.admin.url, path);
  return JSON.parse(body.toString());
};

/** One request over a connection of the agent's. */
function fetchOver(
  agent: Agent,
  url: string,
): Promise<{ headers: IncomingMessage['headers']; bytes: number }> {
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { agent }, (incoming) => {
      let bytes = 0;
      incoming.on('data', (piece: Buffer) => {
        bytes += piece.length;
      });
      incoming.on('error', reject);
      incoming.on('end', () => resolve({ headers: incoming.headers, bytes }));
    });
    outgoing.on('error', reject);
    outgoing.end();
  });
}

describe('the order to drain', () => {
  it('is told by readyz, metric and GET, given once, and taken back', async () => {
    const edge = await drainingEdge();
    expect(await told(edge)).toEqual({ draining: false, connections: 0, viewers: 0 });
    expect(await told(edge, '/readyz')).toEqual({ status: 'ready' });
    const first = await order(edge, '{"deadlineMs": 60000, "to": ["https://b.example"]}');
    expect(first.status).toBe(200);
    expect((await order(edge, '')).status).toBe(200);
    expect(await told(edge)).toMatchObject({
      ...{ draining: true, deadlineMs: 60_000, to: ['https://b.example'] },
    });
    expect((await ask(edge.admin.url, '/readyz')).status).toBe(503);
    expect(await metric(edge, 'eddy_edge_draining')).toBe(1);
    expect((await ask(edge.public.url, '/vod/a.m4s')).status).toBe(200);
    for (let time = 0; time < 2; time++) {
      expect((await order(edge, '', 'DELETE')).status).toBe(200);
      expect(await told(edge)).toMatchObject({ draining: false });
    }
    expect((await ask(edge.admin.url, '/readyz')).status).toBe(200);
    expect(await metric(edge, 'eddy_edge_draining')).toBe(0);
  });

  it('says what is wrong with it', async () => {
    const edge = await drainingEdge();
    for (const body of ['{"deadlineMs": 0}', '{"to": ["b.example"]}', '{"by": 1}', '{', '[]']) {
      const { status, body: answer } = await order(edge, body);
      expect([status, answer.toString()]).toEqual([
        400,
        expect.stringContaining('players go within that time'),
      ]);
    }
    const plain = await ask(edge.admin.url, '/drain', { method: 'POST', body: '{}' });
    expect(plain.status).toBe(415);
    expect((await order(edge, '{}', 'PUT')).status).toBe(405);
    expect(await told(edge)).toMatchObject({ draining: false });
  });
});

describe('an edge that drains', () => {
  it('ends each kept connection after its next response, hot or not, until that is taken back', async () => {
    const edge = await drainingEdge();
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    cleanup.add(async () => agent.destroy());
    const url = `${edge.public.url}/vod/a.m4s`;
    const connectionOf = async (): Promise<string | undefined> => {
      const { headers, bytes } = await fetchOver(agent, url);
      expect(bytes).toBe(BODY.length);
      return headers.connection;
    };
    await connectionOf();
    expect(await connectionOf()).toBe('keep-alive');
    edge.drain({ deadlineMs: 60_000, to: [] });
    expect(await connectionOf()).toBe('close');
    expect(await connectionOf()).toBe('close');
    edge.resume();
    expect(await connectionOf()).toBe('keep-alive');
  });

  it('lets a response under way end', async () => {
    const rest = gate();
    const origin = await startHttpOrigin(cleanup, (_request, response) => {
      response.writeHead(200, { 'Content-Length': '10', 'Cache-Control': 'max-age=60' });
      response.write('01234');
      void rest.passed.then(() => response.end('56789'));
    });
    const edge = await startTestEdge(cleanup, { origin: { url: origin } });
    const begun = gate();
    const asked = ask(edge.public.url, '/slow', { onFirstBytes: () => begun.open() });
    await begun.passed;
    edge.drain({ deadlineMs: 60_000, to: [] });
    rest.open();
    expect((await asked).body.toString()).toBe('0123456789');
  });

  it('closes what nobody uses at the deadline, and not before', async () => {
    const timers = new HeldTimers();
    const edge = await drainingEdge({ swarm: { enabled: false } }, { timers });
    const socket = connectTcp(edge.public.port, '127.0.0.1');
    cleanup.add(async () => socket.destroy());
    socket.write('GET /vod/a.m4s HTTP/1.1\r\nHost: a\r\n\r\n');
    let bytes = 0;
    await new Promise<void>((resolve) => {
      socket.on('data', (piece: Buffer) => {
        bytes += piece.length;
        if (bytes > BODY.length) resolve();
      });
    });
    edge.drain({ deadlineMs: 12_345, to: [] });
    expect(await told(edge)).toMatchObject({ connections: 1 });
    const closed = once(socket, 'close');
    timers.fire(12_345);
    await closed;
  });

  it('sends players to the edges it was given and takes no new ones', async () => {
    const edge = await drainingEdge();
    const url = `${edge.public.url.replace('http', 'ws')}${SWARM_PATH}`;
    const player = new WebSocket(url);
    await once(player, 'open');
    const heard = once(player, 'message');
    const closed = once(player, 'close');
    edge.drain({ deadlineMs: 1000, to: ['https://b.example'] });
    const notice = JSON.parse(String((await heard)[0]));
    expect(notice).toMatchObject({ code: 'closing', retry: true, meet: ['https://b.example'] });
    expect(notice.retryAfterMs).toBeLessThan(1000);
    expect((await closed)[0]).toBe(1001);
    const late = new WebSocket(url);
    const [refusal] = await once(late, 'error');
    expect(String(refusal)).toContain('503');
    edge.resume();
    const again = new WebSocket(url);
    await once(again, 'open');
    again.close();
  });

  it('goes on answering for drainMs once it is told to stop', async () => {
    const held = new HeldTimers();
    const timers: Timers = {
      after: (ms, run) => (ms > 3900 && ms <= 4000 ? held.after(4000, run) : systemTimers.after(ms, run)),
    };
    const edge = await drainingEdge({ drainMs: '4s' }, { timers });
    const closed = edge.close();
    expect(await told(edge, '/readyz')).toEqual({ status: 'draining' });
    const { status, headers } = await ask(edge.public.url, '/vod/a.m4s');
    expect([status, headers.connection]).toEqual([200, 'close']);
    held.fire(4000);
    await closed;
    await expect(ask(edge.public.url, '/vod/a.m4s')).rejects.toThrow('ECONNREFUSED');
  });
});

describe('HTTP/2 connections of an edge that drains', () => {
  async function secureEdge(): Promise<RunningEdge> {
    const folder = await temporaryFolder(cleanup);
    const [certFile, keyFile] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
    await writeFile(certFile, CERTIFICATE_ONE.cert);
    await writeFile(keyFile, CERTIFICATE_ONE.key);
    return drainingEdge({ tls: { listen: '127.0.0.1:0', certFile, keyFile } });
  }

  const statusOf = (client: ClientHttp2Session): Promise<number> =>
    new Promise((resolve, reject) => {
      const stream = client.request({ ':path': '/vod/a.m4s', ':authority': 'localhost' });
      let status = 0;
      stream.on('response', (headers) => {
        status = Number(headers[':status']);
      });
      stream.on('error', reject);
      stream.on('end', () => resolve(status));
      stream.resume();
    });

  it('are told to ask elsewhere with their next request, and lose none that is on its way', async () => {
    const edge = await secureEdge();
    const client = connectHttp2(edge.tls?.url ?? '', { ca: CERTIFICATE_ONE.cert, servername: 'localhost' });
    cleanup.add(async () => client.destroy());
    expect(await statusOf(client)).toBe(200);
    edge.drain({ deadlineMs: 60_000, to: [] });
    const goaway = once(client, 'goaway');
    const closed = once(client, 'close');
    // None of them has heard of it when it leaves.
    expect(await Promise.all([statusOf(client), statusOf(client), statusOf(client)])).toEqual([
      200, 200, 200,
    ]);
    expect((await goaway).slice(0, 2)).toEqual([0, 2 ** 31 - 1]);
    await closed;
  });
});

describe('a load of requests', () => {
  it('loses none while it moves from an edge that drains and stops to another one', async () => {
    const folder = await temporaryFolder(cleanup);
    for (let index = 0; index < 40; index++) await writeFile(join(folder, `${index}.m4s`), BODY);
    const settings = { origin: { url: pathToFileURL(folder).href } };
    const [leaving, staying] = [
      await startTestEdge(cleanup, settings),
      await startTestEdge(cleanup, settings),
    ];
    const failures: unknown[] = [];
    const answers = { leaving: 0, staying: 0 };
    const [halfway, moved] = [gate(), gate()];
    let movedClients = 0;

    const client = async (name: number): Promise<void> => {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      cleanup.add(async () => agent.destroy());
      let at: 'leaving' | 'staying' = 'leaving';
      for (let left = 60, turn = name; left > 0; turn++) {
        const edge = at === 'leaving' ? leaving : staying;
        if (at === 'staying') left--;
        try {
          const { headers, bytes } = await fetchOver(agent, `${edge.public.url}/${turn % 40}.m4s`);
          if (bytes !== BODY.length) failures.push(bytes);
          answers[at]++;
          if (at === 'leaving' && answers.leaving === 400) halfway.open();
          // As balancers and players do: where the connection ends, the next request goes to an edge that is ready.
          if (headers.connection === 'close') {
            at = 'staying';
            movedClients++;
            if (movedClients === 24) moved.open();
          }
        } catch (error) {
          failures.push(error);
          return;
        }
      }
    };

    const clients = Array.from({ length: 24 }, (_, name) => client(name));
    await halfway.passed;
    await order(leaving, '{}');
    await moved.passed;
    const stopped = leaving.close();
    await Promise.all([...clients, stopped]);
    expect(failures).toEqual([]);
    expect(answers.staying).toBe(24 * 60);
    expect(answers.leaving).toBeGreaterThanOrEqual(400);
  });
});
