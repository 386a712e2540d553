import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type EdgeMessage, PROTOCOL_VERSION, parseEdgeMessage, SWARM_PATH, tokenPath } from '@eddy/protocol';
import { SignJWT } from 'jose';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import type { RunningEdge } from './edge.js';
import { HeldTimers } from './held-timers.js';
import { mmdb } from './swarm/places/mmdb-fixture.js';
import { ask, Cleanup, metric, startTestEdge, temporaryFolder } from './testing/edge-fixture.js';

const cleanup = new Cleanup();
afterEach(() => cleanup.run());

const SECRET = Buffer.alloc(32, 'a key');
const token = (pfx: string, exp: number): Promise<string> =>
  new SignJWT({ pfx, exp }).setProtectedHeader({ alg: 'HS256', kid: 'k' }).sign(SECRET);

class Player {
  readonly ws: WebSocket;
  readonly #heard: EdgeMessage[] = [];
  #wake = (): void => {};

  constructor(edge: RunningEdge, path = SWARM_PATH) {
    this.ws = new WebSocket(`${edge.public.url.replace(/^http/, 'ws')}${path}`);
    this.ws.on('message', (data, binary) => {
      if (!binary) this.#heard.push(parseEdgeMessage(String(data)));
      this.#wake();
    });
    this.ws.on('error', () => {});
    cleanup.add(async () => this.ws.terminate());
  }

  async join(presentation: string): Promise<EdgeMessage> {
    await once(this.ws, 'open');
    this.say({
      type: 'join',
      version: PROTOCOL_VERSION,
      presentation,
      viewer: 'v',
      session: 's',
      upload: true,
    });
    return this.next();
  }

  say(message: unknown): void {
    this.ws.send(JSON.stringify(message));
  }

  async next(): Promise<EdgeMessage> {
    for (;;) {
      const message = this.#heard.shift();
      if (message !== undefined) return message;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}

const put = (edge: RunningEdge, body: string, type = 'application/json'): ReturnType<typeof ask> =>
  ask(edge.admin.url, '/swarm', { method: 'PUT', headers: { 'content-type': type }, body });

describe('the swarm of an edge', () => {
  it('is set from the admin listener, and tells players at once', async () => {
    const folder = await temporaryFolder(cleanup);
    const edge = await startTestEdge(cleanup, {
      origin: { url: `file://${folder}` },
      swarm: { holdoutPercent: 0, maxPeers: 4 },
    });
    const player = new Player(edge);
    expect(await player.join('/v.m3u8')).toMatchObject({
      type: 'welcome',
      config: { mode: 'on', maxPeers: 4 },
    });
    const answer = await put(edge, '{"mode": "leech", "uploadBytesPerSecond": "1MB"}');
    const settings = { mode: 'leech', holdoutPercent: 0, maxPeers: 4, uploadBytesPerSecond: 1_000_000 };
    expect(JSON.parse(answer.body.toString())).toEqual(settings);
    const config = { mode: 'leech', maxPeers: 4, uploadBytesPerSecond: 1_000_000 };
    expect(await player.next()).toEqual({ type: 'config', config });
    expect(JSON.parse((await ask(edge.admin.url, '/swarm')).body.toString())).toEqual(settings);
    const late = new Player(edge);
    expect(await late.join('/v.m3u8')).toMatchObject({ type: 'welcome', config });
  });

  it.each([
    ['{"mode": "sometimes"}', 400],
    ['{"maxPeers": 65}', 400],
    ['{"holdout": 1}', 400],
    ['not json', 400],
  ])('does not take %s', async (body, status) => {
    const folder = await temporaryFolder(cleanup);
    const edge = await startTestEdge(cleanup, { origin: { url: `file://${folder}` } });
    expect((await put(edge, body)).status).toBe(status);
    expect((await put(edge, '{}', 'text/plain')).status).toBe(415);
    expect((await ask(edge.admin.url, '/swarm', { method: 'POST' })).status).toBe(405);
    expect((await ask(edge.public.url, '/swarm')).status).toBe(404);
  });

  it('where it is off has no settings', async () => {
    const folder = await temporaryFolder(cleanup);
    const edge = await startTestEdge(cleanup, {
      origin: { url: `file://${folder}` },
      swarm: { enabled: false },
    });
    expect((await ask(edge.admin.url, '/swarm')).status).toBe(404);
  });

  it('reads databases and the TURN secret, shows the secret to nobody, and says what it cannot read', async () => {
    const folder = await temporaryFolder(cleanup);
    const [secretFile, database] = [join(folder, 'secret'), join(folder, 'asn.mmdb')];
    await writeFile(secretFile, 'north of here\n');
    await writeFile(database, mmdb([['127.0.0.0/8', { autonomous_system_number: 64500 }]]));
    const origin = { url: `file://${folder}` };
    const swarm = {
      holdoutPercent: 0,
      databases: [database],
      turn: { urls: ['turn:turn.example'], secretFile },
    };
    const edge = await startTestEdge(cleanup, { origin, swarm });
    const welcome = await new Player(edge).join('/v.m3u8');
    expect(welcome).toMatchObject({ iceServers: [{ urls: ['turn:turn.example'] }] });
    expect(JSON.stringify(welcome)).not.toContain('north');
    const inConfig = await startTestEdge(cleanup, {
      origin,
      swarm: { turn: { urls: ['turn:turn.example'], secret: 'north of here' } },
    });
    expect((await ask(inConfig.admin.url, '/config')).body.toString()).not.toContain('north');
    const missing = { ...swarm, databases: [join(folder, 'none.mmdb')] };
    await expect(startTestEdge(cleanup, { origin, swarm: missing })).rejects.toThrow('swarm.databases');
    await writeFile(secretFile, '\n');
    await expect(startTestEdge(cleanup, { origin, swarm })).rejects.toThrow('swarm.turn.secretFile');
  });
});

describe('a token of the swarm', () => {
  it('is renewed through the gate, and ends when it ends', async () => {
    const folder = await temporaryFolder(cleanup);
    const keysFile = join(folder, 'keys.json');
    const key = { kty: 'oct', alg: 'HS256', kid: 'k', k: SECRET.toString('base64url') };
    await writeFile(keysFile, JSON.stringify({ keys: [key] }));
    let nowMs = 1_700_000_000_000;
    const timers = new HeldTimers();
    const edge = await startTestEdge(
      cleanup,
      {
        origin: { url: `file://${folder}` },
        access: { keysFile, skewMs: 0 },
        swarm: { holdoutPercent: 0 },
      },
      {
        wallClock: { now: () => nowMs },
        timers,
      },
    );
    const seconds = nowMs / 1000;
    const player = new Player(edge, tokenPath(await token('/v', seconds + 300), SWARM_PATH));
    expect(await player.join('/v/a.m3u8')).toMatchObject({ type: 'welcome' });
    const stranger = new Player(edge, tokenPath(await token('/w', seconds + 300), SWARM_PATH));
    expect(await stranger.join('/v/a.m3u8')).toMatchObject({ type: 'error', code: 'token-path' });

    nowMs += 240_000;
    timers.fire(240_000);
    expect(await player.next()).toEqual({ type: 'renew', withinMs: 60_000 });
    player.say({ type: 'token', token: `${(await token('/v', seconds + 900)).slice(0, -4)}AAAA` });
    expect(await player.next()).toEqual({ type: 'renew', withinMs: 60_000 });
    player.say({ type: 'token', token: await token('/w', seconds + 900) });
    expect(await player.next()).toEqual({ type: 'renew', withinMs: 60_000 });
    player.say({ type: 'token', token: await token('/v', seconds + 900) });
    while ((await metric(edge, 'eddy_swarm_tokens_renewed_total')) !== 1) await new Promise(setImmediate);
    nowMs += 60_000;
    timers.fire(60_000);
    player.say({ type: 'want-digests', segments: [] });
    expect(await metric(edge, 'eddy_swarm_viewers')).toBe(1);

    const closed = once(player.ws, 'close');
    nowMs += 600_000;
    timers.fire(600_000);
    expect(await player.next()).toMatchObject({ type: 'error', code: 'token-expired', retry: true });
    expect((await closed)[0]).toBe(4401);
    expect(await metric(edge, 'eddy_swarm_refusals_total{reason="token-expired"}')).toBe(1);
  });
});
