import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, it } from 'vitest';
import { Cleanup } from '../process/cleanup.js';
import { launchChromium } from '../system/chromium.js';
import { EDGE_BIN, mustRun } from '../system/command-line.js';
import { startEdgeProcess } from '../system/edge-process.js';
import { openEddyPage } from './page/eddy-page.js';
import { makeSite } from './site.js';

const SAMPLE = fileURLToPath(new URL('../../../origin/sample/eddy-360p.mp4', import.meta.url));

let cleanup = new Cleanup();
afterEach(async () => {
  await cleanup.run();
  cleanup = new Cleanup();
});

it('viewers with a token each share a video: media, digests, signaling and beacons are let in by it', async () => {
  const site = await makeSite();
  cleanup.add(site.remove);
  await site.publish('film', SAMPLE);
  const folder = await mkdtemp(join(tmpdir(), 'eddy-tokens-'));
  cleanup.add(() => rm(folder, { recursive: true, force: true }));
  const [keysFile, accessFile, config] = ['key.json', 'access.log', 'edge.json'].map((name) =>
    join(folder, name),
  );
  if (keysFile === undefined || accessFile === undefined || config === undefined) throw new Error('no names');
  await writeFile(keysFile, JSON.stringify({ kty: 'oct', k: Buffer.alloc(32, 9).toString('base64url') }));
  await writeFile(
    config,
    JSON.stringify({
      access: { keysFile, publicPrefixes: ['/demo/'] },
      accessLog: { file: accessFile },
      log: { level: 'debug' },
    }),
  );
  const edge = await startEdgeProcess({ origin: site.url, args: ['--config', config] });
  cleanup.add(edge.stop);
  const mint = async (session: string): Promise<string> => {
    const claims = ['--prefix', '/film/', '--session', session];
    return (await mustRun(process.execPath, [EDGE_BIN, 'token', '--key', keysFile, ...claims])).trim();
  };
  const tokens = [await mint('first'), await mint('second')];

  const browser = await launchChromium();
  cleanup.add(() => browser.close());
  expect((await fetch(`${edge.url}/film/master.m3u8`)).status).toBe(401);
  const viewers = [];
  for (const token of tokens) {
    const viewer = await openEddyPage(browser, { edgeUrl: edge.url, src: `/~${token}/film/master.m3u8` });
    viewers.push(viewer);
    await expect
      .poll(async () => (await viewer.stats()).heldBytes, { timeout: 30_000 })
      .toBeGreaterThan(500_000);
  }
  const [, second] = viewers;
  await expect
    .poll(async () => (await second?.stats())?.peerBytes ?? 0, { timeout: 30_000 })
    .toBeGreaterThan(100_000);
  await expect
    .poll(() => edge.metric('eddy_insight_beacons_total', { result: 'stored' }), { timeout: 30_000 })
    .toBeGreaterThan(0);
  expect(await edge.metric('eddy_swarm_rooms')).toBe(1);
  for (const { scriptErrors, close } of viewers) {
    expect(scriptErrors).toEqual([]);
    await close();
  }
  await expect
    .poll(async () => (await readFile(accessFile, 'utf8')).includes('"session":"second"'), {
      timeout: 10_000,
    })
    .toBe(true);
  const written = (await readFile(accessFile, 'utf8')) + edge.log();
  for (const token of tokens) {
    for (const part of token.split('.').slice(1)) expect(written).not.toContain(part);
  }
});
