import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startChild } from '../process/child.js';
import { Cleanup } from '../process/cleanup.js';
import { launchChromium } from '../system/chromium.js';
import { ORIGIN_BIN } from '../system/command-line.js';
import { type EdgeProcess, startEdgeProcess } from '../system/edge-process.js';
import { CAR, footagePresent } from './media/clips.js';
import { openEddyPage, playsSteadily } from './page/eddy-page.js';
import { makeSite } from './site.js';

const WATCHED_SECONDS = 40;

const footage = await footagePresent();
const cleanup = new Cleanup();
let browser: Browser;
let edge: EdgeProcess;

interface Behind {
  /** The picture, and the end of what is buffered, behind the newest that the playlist has; in seconds. */
  readonly picture: number;
  readonly buffer: number;
  /** How far behind hls.js wants to be, and a segment at most. */
  readonly target: number;
  readonly segment: number;
}

/** By what is listed: hls.js's own latency swings by a segment with when it sees a new playlist. */
function behind(page: Page): Promise<Behind> {
  return page.evaluate(() => {
    const { hls } = window.eddyDemo ?? {};
    const { edge = Number.NaN, targetduration: segment = 0 } = hls?.latestLevelDetails ?? {};
    const { currentTime = Number.NaN, buffered } = hls?.media ?? {};
    const end = buffered?.length ? buffered.end(buffered.length - 1) : Number.NaN;
    return { picture: edge - currentTime, buffer: edge - end, target: hls?.targetLatency ?? 0, segment };
  });
}

describe.skipIf(!footage)('a live stream (the footage lies beside the repository)', () => {
  beforeAll(async () => {
    const site = await makeSite();
    cleanup.add(site.remove);
    let log = (): string => '';
    const live = await startChild({
      name: 'eddy-origin live',
      command: process.execPath,
      args: [ORIGIN_BIN, 'live', CAR, '--to', site.url, '--name', 'live'],
      ready: async () => log().includes('/live/master.m3u8'),
      onLog: (read) => {
        log = read;
      },
      signal: new AbortController().signal,
    });
    cleanup.add(live.stop);
    edge = await startEdgeProcess({ origin: site.url });
    cleanup.add(edge.stop);
    browser = await launchChromium();
    cleanup.add(() => browser.close());
  });
  afterEach(async () => {
    for (const context of browser.contexts()) await context.close();
  });
  afterAll(() => cleanup.run());

  it('two viewers take at least a quarter of its media bytes from each other, without a stall', async () => {
    const viewers = [];
    for (let count = 0; count < 2; count++) {
      const viewer = await openEddyPage(browser, { edgeUrl: edge.url, src: '/live/master.m3u8' });
      await playsSteadily(viewer, 3);
      viewers.push(viewer);
    }
    await Promise.all(
      viewers.map(({ page }) =>
        page.waitForFunction(
          (seconds) => (window.eddyDemo?.session.stats().watchedMs ?? 0) >= seconds * 1000,
          WATCHED_SECONDS,
          { timeout: 120_000 },
        ),
      ),
    );
    let edgeBytes = 0;
    let peerBytes = 0;
    for (const viewer of viewers) {
      const stats = await viewer.stats();
      edgeBytes += stats.edgeBytes;
      peerBytes += stats.peerBytes;
      expect(viewer.scriptErrors).toEqual([]);
      expect(await viewer.watched(), await viewer.timeline()).toMatchObject({ stalls: [], problems: [] });
      expect(stats).toMatchObject({ rebuffers: 0, blamedPeers: 0 });
      // The pictures come from where they claim: nothing else is counted as the edge's.
      expect(viewer.mediaBytesOverHttp()).toBeLessThanOrEqual(stats.edgeBytes + stats.wastedBytes);
      // hls.js aims at three target durations behind the newest; one more for playlist and segment to arrive.
      const { picture, target, segment } = await behind(viewer.page);
      console.log(`live: ${picture.toFixed(1)} s behind the newest, ${target} wanted`);
      expect(picture).toBeGreaterThan(0);
      expect(picture).toBeLessThanOrEqual(target + segment);
      // And the newest comes to each of them.
      await expect
        .poll(async () => (await behind(viewer.page)).buffer, { timeout: 30_000 })
        .toBeLessThanOrEqual(segment);
    }
    const share = peerBytes / (edgeBytes + peerBytes);
    console.log(
      `live: ${(100 * share).toFixed(1)}% of ${edgeBytes + peerBytes} media bytes from the other viewer`,
    );
    expect(share).toBeGreaterThanOrEqual(0.25);
    for (const { close } of viewers) await close();
  });
});
