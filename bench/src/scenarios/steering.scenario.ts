import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseEdgeConfig, type RunningEdge, startEdge } from '@eddy/edge';
import type HlsPlayer from 'hls.js';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFailed } from 'vitest';
import { Cleanup } from '../process/cleanup.js';
import { freePort } from '../process/port.js';
import { launchChromium } from '../system/chromium.js';
import { mustRun } from '../system/command-line.js';
import { sumOf } from '../system/edge-process.js';
import { type EmbeddedViewer, openEmbeddedViewer } from './page/embedded-viewer.js';
import { type EmbeddingSite, startEmbeddingSite } from './page/embedding-site.js';
import { keepTimeline, timelineOf } from './page/timeline.js';
import { makeSite, type Site } from './site.js';

declare global {
  interface Window {
    /** Channels to others that ended. */
    ended: string[];
  }
}

const SAMPLE = fileURLToPath(new URL('../../../origin/sample/eddy-360p.mp4', import.meta.url));
const HOSTS = { fra: '127.0.0.1', nyc: '127.0.0.2' } as const;
type Pop = keyof typeof HOSTS;

const cleanup = new Cleanup();
let media: Site;
let browser: Browser;
let site: EmbeddingSite;
let port: number;

beforeAll(async () => {
  media = await makeSite();
  cleanup.add(media.remove);
  // Four times over: a busy machine takes its time for the moves, and a film that has ended asks for no steering.
  const film = join(media.folder, 'film.mp4');
  await mustRun('ffmpeg', ['-v', 'error', '-stream_loop', '3', '-i', SAMPLE, '-c', 'copy', film]);
  await media.publish('film', film);
  browser = await launchChromium();
  cleanup.add(() => browser.close());
  site = await startEmbeddingSite();
  cleanup.add(site.stop);
  port = await freePort();
});
afterAll(() => cleanup.run());

/** An edge of a PoP at its own address, all with the same port: players change the host alone. */
async function startPop(pop: Pop): Promise<RunningEdge> {
  const dataDir = await mkdtemp(join(tmpdir(), 'eddy-edge-'));
  cleanup.add(() => rm(dataDir, { recursive: true, force: true }));
  const anywhere = '127.0.0.1:0';
  const edge = await startEdge(
    parseEdgeConfig({
      ...{ name: pop, dataDir, insight: { enabled: false }, log: { level: 'silent' } },
      origin: { url: media.url },
      listeners: { public: `${HOSTS[pop]}:${port}`, admin: anywhere, insight: anywhere },
      cluster: { pop },
      proxies: { trusted: ['127.0.0.0/8'] },
      steering: {
        ...{ enabled: true, ttlMs: '1s', probeMs: '200ms', returnMs: 0 },
        // There is no balancer here: this header every browser sends, and it needs no preflight.
        regionHeader: 'Accept-Language',
        pops: [
          { name: 'fra', url: `http://${HOSTS.fra}:${port}`, regions: ['en-us'] },
          { name: 'nyc', url: `http://${HOSTS.nyc}:${port}`, regions: ['fr'] },
        ],
      },
      swarm: { holdoutPercent: 0 },
    }),
  );
  cleanup.add(() => edge.close(0));
  return edge;
}

/** A viewer near the first PoP, with a few seconds of buffer. */
async function open(): Promise<EmbeddedViewer> {
  const viewer = await openEmbeddedViewer(browser, {
    siteUrl: site.url,
    // Nor are round trips told: on a busy machine they are noise, and here they would decide.
    eddy: { beacons: false },
    src: `http://${HOSTS.fra}:${port}/film/master.m3u8`,
    before: () => {
      let made: typeof HlsPlayer | undefined;
      Object.defineProperty(window, 'Hls', {
        get: () => made,
        set: (Hls: typeof HlsPlayer) => {
          Object.assign(Hls.DefaultConfig, { maxBufferLength: 5, maxMaxBufferLength: 5 });
          made = Hls;
        },
      });
    },
  });
  cleanup.add(viewer.close);
  await keepTimeline(viewer.page);
  onTestFailed(async () => console.log(await timelineOf(viewer.page)));
  await viewer.page.evaluate(() => {
    window.ended = [];
    window.eddyDemo?.session.on('peer-end', ({ reason }) => window.ended.push(reason));
  });
  return viewer;
}

const viewersAt = async (edge: RunningEdge): Promise<number> =>
  sumOf(await (await fetch(`${edge.admin.url}/metrics`)).text(), 'eddy_swarm_viewers');

/** The player loads from there, the session has its room there, and they still share. */
async function areAt(pop: Pop, edge: RunningEdge, viewers: readonly EmbeddedViewer[]): Promise<void> {
  for (const { page } of viewers) {
    await page.waitForFunction((id) => window.eddyDemo?.hls.levels[0]?.attrs['PATHWAY-ID'] === id, pop, {
      timeout: 20_000,
    });
  }
  await expect.poll(() => viewersAt(edge), { timeout: 20_000 }).toBe(viewers.length);
  // Channels outlive the room, so for a while there may be one from each.
  for (const viewer of viewers) expect((await viewer.stats()).peers).toBeGreaterThanOrEqual(1);
}

describe('viewers between PoPs', () => {
  it('outlive the end of an edge, come back to it, and leave it while it drains, without a stall', async () => {
    const startedAt = performance.now();
    let fra = await startPop('fra');
    const nyc = await startPop('nyc');
    const viewers = [await open(), await open()];
    for (const viewer of viewers) {
      await viewer.playedTo(1);
      await expect.poll(async () => (await viewer.stats()).peers, { timeout: 20_000 }).toBe(1);
    }
    await areAt('fra', fra, viewers);

    await fra.close(0);
    await areAt('nyc', nyc, viewers);
    // Who has all from the other asks nobody else.
    const segment = new RegExp(`^http://${HOSTS.nyc}:.*[.]m4s`);
    const someAsked = (): boolean => viewers.some(({ asked }) => asked.some((url) => segment.test(url)));
    await expect.poll(someAsked, { timeout: 20_000 }).toBe(true);

    fra = await startPop('fra');
    for (const { page } of viewers) {
      // hls.js leaves a pathway that failed alone for five minutes, for which nobody waits here.
      await page.evaluate(() => {
        const hls: object = window.eddyDemo?.hls ?? {};
        const { levelController } = hls as {
          readonly levelController?: { readonly steering: { penalizedPathways: object } };
        };
        if (levelController !== undefined) levelController.steering.penalizedPathways = {};
      });
    }
    await areAt('fra', fra, viewers);

    fra.drain({ deadlineMs: 2_000, to: [] });
    await areAt('nyc', nyc, viewers);
    fra.resume();
    await areAt('fra', fra, viewers);

    for (const viewer of viewers) {
      expect(await viewer.stats()).toMatchObject({
        rebuffers: 0,
        rebufferMs: 0,
        state: 'sharing',
      });
      const { ended, problems } = await viewer.page.evaluate(() => ({
        ended: window.ended,
        problems: window.problems,
      }));
      expect({ ended, problems, scriptErrors: viewer.scriptErrors }).toEqual({
        ...{ ended: [], problems: [], scriptErrors: [] },
      });
    }
    console.log(`four moves of two viewers took ${Math.round(performance.now() - startedAt)} ms`);
  });
});
