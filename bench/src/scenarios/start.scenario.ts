import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright-core';
import { afterEach, expect, it } from 'vitest';
import { type Child, startChild } from '../process/child.js';
import { Cleanup } from '../process/cleanup.js';
import { launchChromium } from '../system/chromium.js';
import { runToEnd } from '../system/command-line.js';
import { sumOf } from '../system/edge-process.js';
import { freePorts } from '../system/ports.js';
import { openEddyPage } from './page/eddy-page.js';

const START = fileURLToPath(new URL('../../../deploy/dev/start.mjs', import.meta.url));

let cleanup = new Cleanup();
afterEach(async () => {
  await cleanup.run();
  cleanup = new Cleanup();
});

interface Started {
  readonly child: Child;
  readonly urls: Readonly<Record<'public' | 'admin' | 'insight', string>>;
  readonly env: Readonly<Record<string, string>>;
  readonly args: readonly string[];
}

/** What `npm start` runs, on free ports and with a state folder of its own. */
async function startEddy(): Promise<Started> {
  const state = await mkdtemp(join(tmpdir(), 'eddy-start-'));
  cleanup.add(() => rm(state, { recursive: true, force: true }));
  const [port = 0, admin = 0, insight = 0] = await freePorts(3);
  const env = { PORT: String(port), ADMIN_PORT: String(admin), INSIGHT_PORT: String(insight) };
  const args = [START, '--state', state];
  let log = (): string => '';
  const child = await startChild({
    name: 'npm start',
    command: process.execPath,
    args,
    env,
    ready: async () => log().includes('Eddy is ready'),
    onLog: (read) => {
      log = read;
    },
    startMs: 120_000,
    stopMs: 20_000,
    signal: new AbortController().signal,
  });
  cleanup.add(child.stop);
  const url = (of: number): string => `http://127.0.0.1:${of}`;
  return { child, args, env, urls: { public: url(port), admin: url(admin), insight: url(insight) } };
}

async function textOf(url: string): Promise<string> {
  const response = await fetch(url);
  expect(response.status, url).toBe(200);
  return await response.text();
}

const answers = (url: string): Promise<boolean> =>
  fetch(url).then(
    () => true,
    () => false,
  );

it('npm start brings up player, live stream, dashboard and metrics, and Ctrl-C ends them all', async () => {
  const { child, urls } = await startEddy();
  for (const url of Object.values(urls)) expect(child.log()).toContain(url);
  const browser: Browser = await launchChromium();
  cleanup.add(() => browser.close());

  const first = await openEddyPage(browser, { edgeUrl: urls.public, src: '/sample/master.m3u8' });
  const live = await openEddyPage(browser, { edgeUrl: urls.public, src: '/live/master.m3u8' });
  for (const { page } of [first, live]) {
    await page.waitForFunction(() => (document.querySelector('video')?.currentTime ?? 0) > 0);
    await page.waitForFunction(() => (window.eddyDemo?.session.stats().watchedMs ?? 0) > 4_000);
  }
  const second = await openEddyPage(browser, { edgeUrl: urls.public, src: '/sample/master.m3u8' });
  await second.page.waitForFunction(() => (window.eddyDemo?.session.stats().peerBytes ?? 0) > 100_000);
  expect([first, live, second].flatMap(({ scriptErrors }) => scriptErrors)).toEqual([]);

  // Who has seen the film to its end is no viewer any more, and a busy machine may take long to count three.
  for (const { page } of [first, second]) {
    await page.locator('video').evaluate((video: HTMLVideoElement) => {
      video.loop = true;
    });
  }

  // The dashboard has heard of it once the first beacons came, ten seconds in.
  const dashboard = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  await dashboard.goto(`${urls.insight}/`);
  const figure = async (id: string): Promise<string> =>
    (await dashboard.locator(`[data-id="${id}"]`).textContent()) ?? '';
  await expect.poll(() => figure('viewers'), { timeout: 60_000 }).toBe('3');
  for (const id of ['delivered', 'delivered-peer', 'delivered-edge']) {
    await expect.poll(() => figure(id), { timeout: 30_000 }).toMatch(/^[1-9][\d.]*\s?[kMG]B$/);
  }
  await expect
    .poll(async () => sumOf(await textOf(`${urls.admin}/metrics`), 'eddy_insight_beacons_total'), {
      timeout: 30_000,
    })
    .toBeGreaterThan(0);
  const metrics = await textOf(`${urls.admin}/metrics`);
  expect(sumOf(metrics, 'eddy_swarm_viewers')).toBe(3);
  expect(sumOf(metrics, 'eddy_edge_requests_total', { result: 'hit' })).toBeGreaterThan(0);
  expect(await textOf(`${urls.admin}/readyz`)).toContain('ready');

  process.kill(child.pid, 'SIGINT');
  for (const url of Object.values(urls))
    await expect.poll(() => answers(url), { timeout: 20_000 }).toBe(false);
  await expect.poll(() => child.log(), { timeout: 20_000 }).toContain('Stopped.');
});

it('says which port is taken, and what to do, before it does anything', async () => {
  const { args, env } = await startEddy();
  const outcome = await runToEnd(process.execPath, args, { env });
  expect(outcome.code).toBe(1);
  expect(outcome.stderr).toContain(`Port ${env.PORT} on 127.0.0.1 is taken`);
  expect(outcome.stderr).toMatch(/PORT=\d+ npm start/);
});

it('refuses a port that is none', async () => {
  const outcome = await runToEnd(process.execPath, [START], { env: { PORT: 'http' } });
  expect(outcome.code).toBe(1);
  expect(outcome.stderr).toBe('\nPORT must be a port from 1 to 65535; it is "http".\n');
});
