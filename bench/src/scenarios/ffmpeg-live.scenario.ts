import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Cleanup } from '../process/cleanup.js';
import { launchChromium } from '../system/chromium.js';
import { type EdgeProcess, startEdgeProcess } from '../system/edge-process.js';
import { footagePresent } from './media/clips.js';
import { encodeSource } from './media/ffmpeg-hls.js';
import { startFfmpegLive, startWrapping, type WrappedLive } from './media/rolling-live.js';
import { type EddyPage, openEddyPage, playsSteadily } from './page/eddy-page.js';
import { fragmentsLoaded, recordFragments } from './page/loaded-fragments.js';
import { makeSite } from './site.js';

// Long enough for half of the names to be used twice, with what is loaded before anybody counts.
const WATCHED_SECONDS = 18;
/** Ten seconds of names: each is replaced once or twice while the viewers watch. */
const NAMES = 10;

const footage = await footagePresent();
const cleanup = new Cleanup();
let browser: Browser;
let edge: EdgeProcess;
let wrapped: WrappedLive;

describe.skipIf(!footage)('rolling live of ffmpeg (the footage lies beside the repository)', () => {
  beforeAll(async () => {
    const site = await makeSite();
    cleanup.add(site.remove);
    const source = join(site.folder, 'source.mp4');
    await encodeSource(source, { seconds: 12 });
    const from = join(site.folder, 'deleted');
    await startFfmpegLive(source, from, cleanup);
    wrapped = await startWrapping({ from, to: join(site.folder, 'wrapped'), names: NAMES }, cleanup);
    // Files are kept for a year unless their operator says that names are used again.
    const config = join(site.folder, 'edge.json');
    const rules = [{ pathPrefix: '/wrapped/', extensions: ['ts'], freshMs: '3s' }];
    await writeFile(config, JSON.stringify({ cache: { rules } }));
    edge = await startEdgeProcess({ origin: site.url, args: ['--config', config] });
    cleanup.add(edge.stop);
    browser = await launchChromium();
    cleanup.add(() => browser.close());
  });
  afterEach(async () => {
    for (const context of browser.contexts()) await context.close();
  });
  afterAll(() => cleanup.run());

  it('is shared, verified, without a stall, and nobody gets the bytes that a name stood for before', async () => {
    const viewers: { name: string; viewer: EddyPage }[] = [];
    for (const name of ['deleted', 'deleted', 'wrapped', 'wrapped']) {
      const viewer = await openEddyPage(browser, { edgeUrl: edge.url, src: `/${name}/index.m3u8` });
      await recordFragments(viewer.page);
      await playsSteadily(viewer, 1.5);
      viewers.push({ name, viewer });
    }
    await Promise.all(
      viewers.map(({ viewer }) =>
        viewer.page.waitForFunction(
          (seconds) => (window.eddyDemo?.session.stats().watchedMs ?? 0) >= seconds * 1000,
          WATCHED_SECONDS,
          { timeout: 90_000 },
        ),
      ),
    );
    const bytes = { deleted: { edge: 0, peers: 0 }, wrapped: { edge: 0, peers: 0 } };
    for (const { name, viewer } of viewers) {
      const { edgeBytes, peerBytes, rebuffers, blamedPeers, state } = await viewer.stats();
      const { stalls, problems } = await viewer.watched();
      const errors = viewer.scriptErrors;
      expect(
        { name, state, stalls, problems, rebuffers, blamedPeers, errors },
        await viewer.timeline(),
      ).toEqual({
        ...{ name, state: 'sharing', stalls: [], problems: [], rebuffers: 0, blamedPeers: 0, errors: [] },
      });
      const sums = name === 'wrapped' ? bytes.wrapped : bytes.deleted;
      sums.edge += edgeBytes;
      sums.peers += peerBytes;
      if (name !== 'wrapped') continue;
      const loaded = await fragmentsLoaded(viewer.page);
      expect(loaded.length).toBeGreaterThan(1.5 * NAMES);
      expect(loaded).toEqual(
        loaded.map(({ sequence }) => ({ sequence, sha256: wrapped.published.get(sequence) })),
      );
    }
    for (const [name, { edge: fromEdge, peers }] of Object.entries(bytes)) {
      const share = peers / (fromEdge + peers);
      console.log(`${name}: ${(100 * share).toFixed(1)}% of ${fromEdge + peers} media bytes from peers`);
      expect(share, name).toBeGreaterThanOrEqual(0.25);
    }
  });
});
