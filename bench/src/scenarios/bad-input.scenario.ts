import { mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Cleanup } from '../process/cleanup.js';
import { EDGE_BIN, mustRun, ORIGIN_BIN, type Outcome, runToEnd } from '../system/command-line.js';
import { startEdgeProcess } from '../system/edge-process.js';
import { rawRequest } from '../system/raw-request.js';
import { startSwift } from '../system/swift.js';
import { makeClip } from './media/clips.js';

const cleanup = new Cleanup();
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'eddy-bad-'));
  cleanup.add(() => rm(folder, { recursive: true, force: true }));
  const clip = {
    seconds: 3,
    frameRate: '25',
    bFrames: 0,
    audio: true,
    moov: 'front',
    size: '320x180',
  } as const;
  await makeClip(join(folder, 'good.mp4'), clip);
  await writeFile(join(folder, 'text.mp4'), 'This is not a film.\n'.repeat(1000));
  await writeFile(join(folder, 'empty.mp4'), '');
  for (const name of ['cut-media.mp4', 'cut-index.mp4']) {
    await writeFile(join(folder, name), await readFile(join(folder, 'good.mp4')));
  }
  await truncate(join(folder, 'cut-media.mp4'), 20_000);
  await truncate(join(folder, 'cut-index.mp4'), 400);
  const sound = ['-f', 'lavfi', '-i', 'sine=duration=2', '-c:a', 'aac', join(folder, 'sound.mp4')];
  await mustRun('ffmpeg', ['-v', 'error', ...sound]);
  const picture = ['-f', 'lavfi', '-i', 'testsrc2=duration=2:size=320x180'];
  await mustRun('ffmpeg', ['-v', 'error', ...picture, '-c:v', 'mpeg4', join(folder, 'mpeg4.mp4')]);
});
afterAll(() => cleanup.run());

const origin = (args: readonly string[], env = {}): Promise<Outcome> =>
  runToEnd(process.execPath, [ORIGIN_BIN, ...args], { cwd: folder, env });
const edge = (args: readonly string[], env = {}): Promise<Outcome> =>
  runToEnd(process.execPath, [EDGE_BIN, ...args], { cwd: folder, env, timeoutMs: 20_000 });

/** What people read: one short message, and no stack of ours. */
function expectClear({ stderr }: Outcome, pattern: RegExp): void {
  const lines = stderr
    .split('\n')
    .filter((line) => !line.includes('Warning') && /^(Error|error|eddy)/.test(line));
  expect(lines.join('\n')).toMatch(pattern);
  expect(stderr).not.toMatch(/^\s+at .*\(.*:\d+:\d+\)/m);
}

async function filesIn(path: string): Promise<string[]> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isFile()).map(({ name }) => name);
}

describe('eddy-origin', () => {
  it.each([
    ['text.mp4', /not an MP4.*ffmpeg.*\(not-mp4\)/],
    ['empty.mp4', /\(not-mp4\)/],
    ['cut-media.mp4', /cut off.*\(truncated\)/],
    ['cut-index.mp4', /\((truncated|not-mp4)\)/],
    ['sound.mp4', /no video.*\(no-video\)/],
    ['mpeg4.mp4', /HLS cannot carry.*\(codec\)/],
    ['nowhere.mp4', /no such file/],
  ])('publishes nothing of %s and says why', async (file, message) => {
    for (const command of ['publish', 'live']) {
      const to = join(folder, `out-${command}-${file}`);
      const outcome = await origin([command, file, '--to', pathToFileURL(to).href]);
      expect(outcome.code).toBe(1);
      expectClear(outcome, message);
      expect(await filesIn(to)).toEqual([]);
    }
  });

  it('publishes nothing where one of several renditions is bad, into S3 too', async () => {
    const swift = await startSwift();
    try {
      const bucket = await swift.createBucket();
      const args = ['publish', 'good.mp4', 'cut-media.mp4', '--to', `s3://${bucket}`, '--name', 'film'];
      const outcome = await origin(args, swift.environment);
      expect(outcome.code).toBe(1);
      expectClear(outcome, /cut-media\.mp4.*\(truncated\)/);
      const client = new S3Client({
        endpoint: swift.endpoint,
        region: swift.region,
        credentials: swift,
        forcePathStyle: true,
      });
      expect((await client.send(new ListObjectsV2Command({ Bucket: bucket }))).KeyCount).toBe(0);
      client.destroy();

      const wrong = { ...swift.environment, AWS_SECRET_ACCESS_KEY: 'wrong' };
      const refused = await origin(['publish', 'good.mp4', '--to', `s3://${bucket}`], wrong);
      expect(refused.code).toBe(1);
      expectClear(refused, /\(storage\)/);
    } finally {
      await swift.stop();
    }
  });

  it.each([
    [['publish', '--to', 'file:///tmp/x'], /missing required argument/],
    [['publish', 'good.mp4'], /--to/],
    [['publish', 'good.mp4', '--to', 'ftp://host/x'], /file:\/\/\/dir or s3/],
    [['publish', 'good.mp4', '--to', 'file:///tmp/x', '--name', '../up'], /\(bad-name\)/],
    [['publish', 'good.mp4', '--to', 'file:///tmp/x', '--segment-seconds', '0'], /seconds/],
    [['dance'], /unknown command/],
  ])('answers %j with usage and code 2', async (args, message) => {
    const outcome = await origin(args);
    expect(outcome.code).toBe(2);
    expectClear(outcome, message);
  });
});

describe('eddy-edge started wrongly', () => {
  it.each([
    [[], {}, /--origin/],
    [['--origin', 'ftp://host'], {}, /unknown scheme.*file:\/\/\/dir/],
    [['--origin', 'file:///nowhere/at/all', '--listen', '127.0.0.1:0'], {}, /not a folder/],
    [['--origin', 'file:///tmp', '--listen', '127.0.0.1:99999'], {}, /listeners\.public.*HOST:PORT/],
    [['--origin', 'file:///tmp'], { EDDY_CASH: '1' }, /EDDY_CASH/],
    [['--config', 'nowhere.yaml'], {}, /nowhere\.yaml/],
    [['--origin', 'file:///tmp', '--dance'], {}, /unknown option/],
  ])('%j %j', async (args, env, message) => {
    const outcome = await edge(args, env);
    expect(outcome.code).toBe(1);
    expectClear(outcome, message);
  });

  it('names every unknown key with its path', async () => {
    await writeFile(join(folder, 'edge.yaml'), 'cash: {}\norigin: { url: "file:///tmp", s4: 1 }\n');
    const outcome = await edge(['check-config', 'edge.yaml']);
    expect(outcome.code).toBe(1);
    expectClear(outcome, /origin\.s4[\s\S]*cash/);
  });

  it('says which port is taken', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    const any = ['--admin', '127.0.0.1:0', '--insight', '127.0.0.1:0', '--data-dir', join(folder, 'data')];
    const outcome = await edge(['--origin', 'file:///tmp', '--listen', `127.0.0.1:${port}`, ...any]);
    server.close();
    expect(outcome.code).toBe(1);
    expectClear(outcome, new RegExp(`${port}`));
  });
});

/** An origin with a listener of its own; `handle` answers. */
async function httpOrigin(
  handle: Parameters<typeof createServer>[1],
): Promise<{ url: string; server: Server }> {
  const server = createServer({}, handle);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanup.add(async () => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('a TCP server has no port');
  return { url: `http://127.0.0.1:${address.port}`, server };
}

describe('eddy-edge before a bad origin', () => {
  it('answers 502 with Cache-Status where the origin is down', async () => {
    const { url, server } = await httpOrigin(() => {});
    await new Promise((resolve) => server.close(resolve));
    const running = await startEdgeProcess({ origin: url });
    cleanup.add(running.stop);
    const response = await fetch(`${running.url}/film/0.m4s`);
    expect(response.status).toBe(502);
    expect(response.headers.get('cache-status')).toMatch(/fwd=/);
  });

  it('answers 504 where the origin says nothing', async () => {
    const { url } = await httpOrigin(() => {});
    const running = await startEdgeProcess({ origin: url, env: { EDDY_ORIGIN_FIRST_BYTE_MS: '300ms' } });
    cleanup.add(running.stop);
    const response = await fetch(`${running.url}/film/0.m4s`);
    expect(response.status).toBe(504);
    expect(response.headers.get('cache-status')).toMatch(/fwd=/);
  });

  it('keeps nothing of an origin that sends less than it said', async () => {
    let lie = true;
    const { url } = await httpOrigin((_, response) => {
      response.writeHead(200, { 'Content-Type': 'video/mp4', 'Content-Length': 5_000 });
      if (!lie) response.end(Buffer.alloc(5_000, 'b'));
      else response.write(Buffer.alloc(3_000, 'a'), () => response.socket?.destroy());
    });
    const running = await startEdgeProcess({ origin: url });
    cleanup.add(running.stop);
    const cut = await fetch(`${running.url}/film/0.m4s`)
      .then((response) => (response.ok ? response.arrayBuffer() : Promise.reject(new Error('refused'))))
      .then(
        () => 'whole',
        () => 'cut',
      );
    expect(cut).toBe('cut');
    lie = false;
    const whole = await fetch(`${running.url}/film/0.m4s`);
    expect(Buffer.from(await whole.arrayBuffer()).equals(Buffer.alloc(5_000, 'b'))).toBe(true);
  });

  it('lets no path out of the origin’s folder', async () => {
    const site = join(folder, 'site');
    await mkdir(join(site, 'film'), { recursive: true });
    await writeFile(join(folder, 'secret.txt'), 'secret');
    await writeFile(join(site, 'film', 'open.txt'), 'open');
    const running = await startEdgeProcess({ origin: pathToFileURL(site).href });
    cleanup.add(running.stop);
    const ask = (target: string): Promise<string> =>
      rawRequest(running.url, `GET ${target} HTTP/1.1\r\nHost: edge\r\nConnection: close\r\n\r\n`);
    expect(await ask('/film/open.txt')).toMatch(/^HTTP\/1\.1 200 [\s\S]*open$/);
    for (const target of [
      '/../secret.txt',
      '/film/../../secret.txt',
      '/%2e%2e/secret.txt',
      '/film/%2e%2e%2f%2e%2e%2fsecret.txt',
      '/..%2fsecret.txt',
      '/..%5csecret.txt',
      '/film/..\\..\\secret.txt',
      '/film/open.txt%00.m4s',
      '//secret.txt',
      `${join(folder, 'secret.txt')}`,
      `/%2f${join(folder, 'secret.txt').slice(1)}`,
      'http://127.0.0.1/../secret.txt',
      'file:///etc/passwd',
    ]) {
      const answer = await ask(target);
      expect(answer, target).toMatch(/^HTTP\/1\.1 4\d\d /);
      expect(answer, target).not.toMatch(/secret$|root:/);
    }
  });
});
