import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Cleanup } from '../process/cleanup.js';
import { launchChromium } from '../system/chromium.js';
import { type EdgeProcess, startEdgeProcess } from '../system/edge-process.js';
import { CAR, footagePresent } from './media/clips.js';
import { publishedSegments } from './media/published-segments.js';
import { type EddyPage, openEddyPage } from './page/eddy-page.js';
import { neverAnswers, sendsGarbage, sendsWrongBytes } from './page/hostile.js';
import { makeSite, type Site } from './site.js';

const SRC = '/car/master.m3u8';
/** Seconds of video that a first viewer has buffered before others come. */
const HEAD_START_SECONDS = 20;
/** Played where the buffered middle is skipped. */
const LAST_SECONDS = 2;

const footage = await footagePresent();
const whole = new Cleanup();
let each = new Cleanup();
let site: Site;
let browser: Browser;
let edge: EdgeProcess;
let published: Map<string, string>;

describe.skipIf(!footage)('viewers of one video (the footage lies beside the repository)', () => {
  beforeAll(async () => {
    site = await makeSite();
    whole.add(site.remove);
    await site.publish('car', CAR);
    published = await publishedSegments(site.folder);
    browser = await launchChromium();
    whole.add(() => browser.close());
  });
  afterAll(() => whole.run());

  // An edge of its own for each test: rooms and counters begin empty.
  beforeEach(async () => {
    edge = await startEdgeProcess({ origin: site.url });
    each.add(edge.stop);
  });
  afterEach(async () => {
    await each.run();
    each = new Cleanup();
  });

  async function open(before?: () => void): Promise<EddyPage> {
    const viewer = await openEddyPage(browser, {
      edgeUrl: edge.url,
      src: SRC,
      ...(before === undefined ? {} : { before }),
    });
    each.add(viewer.close);
    return viewer;
  }

  async function opensFirst(before?: () => void): Promise<EddyPage> {
    const viewer = await open(before);
    await viewer.page.waitForFunction((seconds) => {
      const buffered = document.querySelector('video')?.buffered;
      return buffered !== undefined && buffered.length > 0 && buffered.end(0) >= seconds;
    }, HEAD_START_SECONDS);
    await expect
      .poll(async () => (await viewer.stats()).heldBytes, { timeout: 20_000 })
      .toBeGreaterThan(1_000_000);
    return viewer;
  }

  /**
   * Once everything to the end is in the buffer no peer has a hand in what follows; all of it but the last seconds need
   * not be waited for.
   */
  async function skipsWhatIsHeld({ page }: EddyPage): Promise<void> {
    await page.waitForFunction(
      () => {
        const video = document.querySelector('video');
        if (video === null || video.currentTime < 2 || video.buffered.length !== 1) return false;
        return video.buffered.start(0) < 0.2 && video.buffered.end(0) > video.duration - 0.2;
      },
      undefined,
      { timeout: 60_000 },
    );
    await page.evaluate((seconds) => {
      const video = document.querySelector('video');
      if (video !== null) video.currentTime = Math.max(video.currentTime, video.duration - seconds);
    }, LAST_SECONDS);
  }

  /** Comes to the end and checks what every viewer is owed, whatever its peers do. */
  async function playsWell(viewer: EddyPage): Promise<void> {
    await viewer.page.waitForFunction(() => document.querySelector('video')?.ended, undefined, {
      timeout: 60_000,
    });
    const { stalls, problems, appended } = await viewer.watched();
    expect({ stalls, problems, scriptErrors: viewer.scriptErrors }).toEqual({
      stalls: [],
      problems: [],
      scriptErrors: [],
    });
    expect((await viewer.stats()).rebuffers).toBe(0);
    const files = appended.map(({ sha256 }) => published.get(sha256) ?? 'bytes that nobody published');
    expect(new Set(files)).toEqual(new Set(published.values()));
  }

  it('the second takes at least half of its media bytes from the first, and plays without a rebuffer', async () => {
    const first = await opensFirst();
    const servedBefore = await edge.metric('eddy_edge_response_bytes_total');
    const second = await open();
    await playsWell(second);

    const { edgeBytes, peerBytes, memoryBytes } = await second.stats();
    const total = edgeBytes + peerBytes;
    expect(memoryBytes).toBe(0);
    expect(peerBytes).toBeGreaterThanOrEqual(total / 2);
    // The first says the same …
    expect((await first.stats()).uploadedBytes).toBeGreaterThanOrEqual(peerBytes);
    // … and so does who does not believe either: the browser's network stack and the edge.
    const mediaBytes = (await second.watched()).appended.reduce((sum, { bytes }) => sum + bytes, 0);
    expect(total).toBe(mediaBytes);
    expect(second.mediaBytesOverHttp()).toBeLessThanOrEqual(mediaBytes / 2);
    const served = (await edge.metric('eddy_edge_response_bytes_total')) - servedBefore;
    expect(served).toBeGreaterThan(0);
    console.log(
      `of ${total} media bytes ${peerBytes} from the first viewer (${((100 * peerBytes) / total).toFixed(1)}%); ` +
        `over HTTP ${second.mediaBytesOverHttp()}, served by the edge to both meanwhile ${served}`,
    );
    await playsWell(first);
  });

  it.each([
    ['sends wrong bytes', sendsWrongBytes],
    ['sends garbage', sendsGarbage],
    ['never answers', neverAnswers],
  ])('a peer that %s costs no stall, no frame, and is dropped', async (_, hostility) => {
    const hostile = await opensFirst(hostility);
    const viewer = await open();
    // It really was asked and did its worst.
    await hostile.page.waitForFunction(() => window.tampered > 0);
    await expect.poll(async () => (await viewer.stats()).peers, { timeout: 25_000 }).toBe(0);
    await skipsWhatIsHeld(viewer);
    await playsWell(viewer);
    expect((await viewer.stats()).peerBytes).toBe(0);
  });

  it('a third plays on with every frame right between an honest and a hostile peer', async () => {
    const hostile = await opensFirst(sendsWrongBytes);
    const honest = await open();
    const third = await open();
    await hostile.page.waitForFunction(() => window.tampered > 0);
    for (const viewer of [third, honest]) await skipsWhatIsHeld(viewer);
    await playsWell(third);
    const { blamedPeers, peers } = await third.stats();
    expect({ blamedPeers, peers }).toEqual({ blamedPeers: 1, peers: 1 });
    await playsWell(honest);
  });
});
