import { readdir, readFile } from 'node:fs/promises';
import { request } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { folderStore } from '../storage/folder-store.js';
import { ffmpeg, frames, itWithFfmpeg } from '../testing/ffmpeg.js';
import { temporaryFolder } from '../testing/temporary.js';
import { type IngestServer, serve } from './serve.js';

const folder = temporaryFolder();
const running: IngestServer[] = [];
afterEach(async () => {
  for (const server of running.splice(0)) await server.stop();
});

async function start(
  options: { maxBodyBytes?: number; token?: string } = {},
): Promise<{ url: string; root: string; server: IngestServer }> {
  const root = join(folder.path, `in-${running.length}-${Math.floor(performance.now())}`);
  const server = await serve(
    { store: folderStore(root) },
    { host: '127.0.0.1', port: 0, maxBodyBytes: 1_000_000, ...options },
  );
  running.push(server);
  return { url: server.url, root, server };
}

/** Sends a request target as it is: `fetch` would resolve its dots. */
function raw(url: string, method: string, path: string, body = 'x'): Promise<number> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    const sent = request({ hostname, port, method, path }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

describe('ingest', () => {
  it('stores, gives back and deletes', async () => {
    const { url, root } = await start();
    expect((await fetch(`${url}/live/a/0.m4s`, { method: 'PUT', body: 'media' })).status).toBe(201);
    expect((await fetch(`${url}/live/a/1.m4s`, { method: 'POST', body: 'more' })).status).toBe(201);
    expect(await readFile(join(root, 'live/a/0.m4s'), 'utf8')).toBe('media');
    const got = await fetch(`${url}/live/a/0.m4s?t=1`);
    expect([got.status, got.headers.get('content-type'), await got.text()]).toEqual([
      200,
      'video/iso.segment',
      'media',
    ]);
    const head = await fetch(`${url}/live/a/0.m4s`, { method: 'HEAD' });
    expect([head.status, head.headers.get('content-length')]).toEqual([200, '5']);
    expect((await fetch(`${url}/live/a/0.m4s`, { method: 'DELETE' })).status).toBe(204);
    expect((await fetch(`${url}/live/a/0.m4s`)).status).toBe(404);
    expect((await fetch(`${url}/live/a/0.m4s`, { method: 'PATCH', body: 'x' })).status).toBe(405);
  });

  it('lets no path lead elsewhere', async () => {
    const { url, root } = await start();
    for (const path of [
      '/../x',
      '/a/../../x',
      '/%2e%2e/x',
      '/a%2fb',
      '/a%5cb',
      '/a\\b',
      '//x',
      '/a//b',
      '/',
      '/a/',
      '/%00',
      '/./a',
      '/%zz',
      '/a%0ab',
    ]) {
      expect(await raw(url, 'PUT', path), path).toBe(400);
      expect(await raw(url, 'GET', path, ''), path).toBe(400);
    }
    expect(await readdir(root).catch(() => [])).toEqual([]);
  });

  it('stops at the size limit, declared or not', async () => {
    const { url, root } = await start({ maxBodyBytes: 1000 });
    expect((await fetch(`${url}/a.bin`, { method: 'PUT', body: Buffer.alloc(1000) })).status).toBe(201);
    expect((await fetch(`${url}/b.bin`, { method: 'PUT', body: Buffer.alloc(1001) })).status).toBe(413);
    const endless = new ReadableStream({ pull: (controller) => controller.enqueue(Buffer.alloc(400)) });
    const status = await fetch(`${url}/c.bin`, { method: 'PUT', body: endless, duplex: 'half' }).then(
      (response) => response.status,
      () => 413, // the connection is closed under what still comes
    );
    expect(status).toBe(413);
    expect(await readdir(root)).toEqual(['a.bin']);
  });

  it('stores nothing of an upload that breaks off', async () => {
    const { url, root } = await start();
    await fetch(`${url}/a.bin`, { method: 'PUT', body: 'old' });
    const { port } = new URL(url);
    await new Promise<void>((resolve) => {
      const socket = connect(Number(port), '127.0.0.1', () => {
        socket.write('PUT /a.bin HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nnew', () =>
          socket.destroy(),
        );
      });
      socket.on('close', () => resolve());
    });
    await running[0]?.stop();
    expect(await readFile(join(root, 'a.bin'), 'utf8')).toBe('old');
    expect(await readdir(root)).toEqual(['a.bin']);
  });

  it('asks writers for the token', async () => {
    const { url } = await start({ token: 'secret' });
    const put = (headers: Record<string, string>) =>
      fetch(`${url}/a.bin`, { method: 'PUT', body: 'x', headers }).then(({ status }) => status);
    expect(await put({})).toBe(401);
    expect(await put({ authorization: 'Bearer wrong' })).toBe(401);
    expect(await put({ authorization: 'Bearer secret' })).toBe(201);
    expect((await fetch(`${url}/a.bin`, { method: 'DELETE' })).status).toBe(401);
    expect((await fetch(`${url}/a.bin`)).status).toBe(200);
  });

  it('says when the port is taken', async () => {
    const { url } = await start();
    const port = Number(new URL(url).port);
    await expect(
      serve({ store: folderStore(folder.path) }, { host: '127.0.0.1', port, maxBodyBytes: 1 }),
    ).rejects.toMatchObject({ code: 'listen' });
  });

  itWithFfmpeg('takes in what ffmpeg sends', { timeout: 30_000 }, async () => {
    const { url, root } = await start({ token: 'secret' });
    const source = [
      '-f',
      'lavfi',
      '-i',
      'testsrc2=s=128x72:r=25:d=9',
      '-c:v',
      'libx264',
      '-preset',
      'ultrafast',
      '-g',
      '50',
    ];
    const hls = [
      '-f',
      'hls',
      '-hls_time',
      '2',
      '-hls_list_size',
      '3',
      '-hls_flags',
      'delete_segments',
      '-hls_segment_type',
      'fmp4',
    ];
    await ffmpeg(
      ...source,
      ...hls,
      '-method',
      'PUT',
      '-headers',
      'Authorization: Bearer secret\r\n',
      `${url}/live/x/index.m3u8`,
    );
    // ffmpeg does not wait for the answers to what it puts last.
    const playlist = join(root, 'live/x/index.m3u8');
    await expect
      .poll(() => readFile(playlist, 'utf8').catch(() => ''), { timeout: 20_000 })
      .toContain('#EXT-X-ENDLIST');
    expect((await frames(playlist, 'v')).length).toBeGreaterThan(100);
  });
});
