import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Cleanup } from '../process/cleanup.js';
import { launchChromium } from '../system/chromium.js';
import { type EdgeProcess, startEdgeProcess } from '../system/edge-process.js';
import { footagePresent } from './media/clips.js';
import { encodeSource, PACKAGINGS, packageVideo, packageWithDiscontinuity } from './media/ffmpeg-hls.js';
import { type EddyPage, openEddyPage } from './page/eddy-page.js';
import { makeSite } from './site.js';

const SECONDS = 14;

const footage = await footagePresent();
const cleanup = new Cleanup();
let browser: Browser;
let edge: EdgeProcess;

/** Presentation, and its playlist. */
const PLAYLISTS: readonly (readonly [name: string, src: string])[] = [
  ...PACKAGINGS.map(({ name, src = 'index.m3u8' }) => [name, `/${name}/${src}`] as const),
  ['discontinuity', '/discontinuity/index.m3u8'],
];

/** Everything of it is in the buffer. */
async function bufferedWhole({ page }: EddyPage): Promise<void> {
  await page.waitForFunction(() => {
    const video = document.querySelector('video');
    if (video === null || !(video.duration > 0) || video.buffered.length === 0) return false;
    return video.buffered.end(video.buffered.length - 1) >= video.duration - 0.1;
  });
}

async function playedToEnd({ page }: EddyPage): Promise<void> {
  await page.waitForFunction(() => document.querySelector('video')?.ended, undefined, { timeout: 60_000 });
}

describe.skipIf(!footage)('HLS that ffmpeg packaged (the footage lies beside the repository)', () => {
  beforeAll(async () => {
    const site = await makeSite();
    cleanup.add(site.remove);
    const source = join(site.folder, 'source.mp4');
    await encodeSource(source, { seconds: SECONDS });
    for (const packaging of PACKAGINGS) await packageVideo(source, site.folder, packaging);
    await packageWithDiscontinuity(source, site.folder, 'discontinuity');
    edge = await startEdgeProcess({ origin: site.url });
    cleanup.add(edge.stop);
    browser = await launchChromium();
    cleanup.add(() => browser.close());
  });
  afterAll(() => cleanup.run());

  it('of every kind, second viewers take at least half from the first, verified, without a stall', async () => {
    const open = async ([name, src]: readonly [string, string]): Promise<{
      name: string;
      viewer: EddyPage;
    }> => ({
      name,
      viewer: await openEddyPage(browser, { edgeUrl: edge.url, src }),
    });
    // One after the other: a page that waits for the processor stalls, and takes the edge's bytes for want of peers.
    const firsts = [];
    for (const playlist of PLAYLISTS) {
      const first = await open(playlist);
      await bufferedWhole(first.viewer);
      await first.viewer.page.evaluate(() => document.querySelector('video')?.pause());
      firsts.push(first);
    }
    // Nobody published a digest: what is held is what the edge hashed as it filled, and told.
    for (const { name, viewer } of firsts) {
      await expect
        .poll(async () => (await viewer.stats()).heldBytes, { timeout: 20_000, message: name })
        .toBeGreaterThan(800_000);
    }
    expect(await edge.metric('eddy_swarm_digests_pushed_total')).toBeGreaterThanOrEqual(6 * PLAYLISTS.length);

    const seconds = [];
    for (const playlist of PLAYLISTS) {
      const second = await open(playlist);
      await bufferedWhole(second.viewer);
      seconds.push(second);
    }
    await Promise.all(seconds.map(({ viewer }) => playedToEnd(viewer)));
    for (const [role, viewers] of [['first', firsts] as const, ['second', seconds] as const]) {
      for (const { name, viewer } of viewers) {
        const { stalls, problems } = await viewer.watched();
        const { rebuffers, blamedPeers } = await viewer.stats();
        expect({ role, name, stalls, problems, rebuffers, blamedPeers, errors: viewer.scriptErrors }).toEqual(
          {
            ...{ role, name, stalls: [], problems: [], rebuffers: 0, blamedPeers: 0, errors: [] },
          },
        );
      }
    }
    for (const { name, viewer } of seconds) {
      const { edgeBytes, peerBytes } = await viewer.stats();
      const share = peerBytes / (edgeBytes + peerBytes);
      console.log(
        `${name}: ${(100 * share).toFixed(1)}% of ${edgeBytes + peerBytes} media bytes from the first`,
      );
      expect(share, name).toBeGreaterThanOrEqual(0.5);
      expect(viewer.mediaBytesOverHttp(), name).toBeLessThanOrEqual((edgeBytes + peerBytes) / 2);
    }
  });
});
