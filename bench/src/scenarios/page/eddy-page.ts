import type { EddySession } from '@eddy/player-sdk';
import type { Events, default as Hls } from 'hls.js';
import type { Browser, Page } from 'playwright-core';
import { record } from './recorder.js';
import { keepTimeline, timelineOf } from './timeline.js';

type SessionStats = ReturnType<EddySession['stats']>;

declare global {
  interface Window {
    eddyDemo?: { readonly hls: Hls; readonly session: EddySession };
  }
}

export interface EddyPageOptions {
  /** URL of the edge, without a slash at the end. */
  readonly edgeUrl: string;
  /** Path of the playlist. */
  readonly src: string;
  /** Runs in the page before anything of it. */
  readonly before?: () => void;
}

/** What a viewer had of the presentation so far. */
export interface Watched {
  readonly position: number;
  readonly ended: boolean;
  readonly stalls: readonly { readonly position: number }[];
  /** Fatal errors of hls.js. */
  readonly problems: readonly string[];
  /** What was handed to source buffers, in order. */
  readonly appended: readonly { readonly mime: string; readonly bytes: number; readonly sha256: string }[];
}

/** A viewer with Eddy: the demo page in a browser profile of its own. */
export interface EddyPage {
  readonly page: Page;
  /** What the SDK says of itself. */
  readonly stats: () => Promise<SessionStats>;
  readonly watched: () => Promise<Watched>;
  /** What the player loaded and when it stalled, to read when something fails. */
  readonly timeline: () => Promise<string>;
  /** Body bytes of segments (init segments too) that came over HTTP, as the browser's network stack counts them. */
  readonly mediaBytesOverHttp: () => number;
  /** Errors that the page's scripts did not catch. */
  readonly scriptErrors: readonly string[];
  readonly close: () => Promise<void>;
}

const MEDIA = /\.(m4s|mp4|ts)$/;

export async function openEddyPage(browser: Browser, options: EddyPageOptions): Promise<EddyPage> {
  const { edgeUrl, src, before } = options;
  const page = await browser.newPage();
  const scriptErrors: string[] = [];
  page.on('pageerror', (error) => scriptErrors.push(String(error)));

  const network = await page.context().newCDPSession(page);
  const media = new Set<string>();
  let bytes = 0;
  network.on('Network.responseReceived', ({ requestId, response }) => {
    if (MEDIA.test(new URL(response.url).pathname)) media.add(requestId);
  });
  network.on('Network.dataReceived', ({ requestId, dataLength }) => {
    if (media.has(requestId)) bytes += dataLength;
  });
  await network.send('Network.enable');

  await page.addInitScript(record);
  if (before !== undefined) await page.addInitScript(before);
  await page.goto(`${edgeUrl}/demo/index.html?src=${src}`);
  await page.waitForFunction(() => window.eddyDemo !== undefined);
  await page.evaluate(() => {
    window.problems = [];
    window.eddyDemo?.hls.on('hlsError' as Events.ERROR, (_, { fatal, details }) => {
      if (fatal) window.problems.push(details);
    });
  });
  await keepTimeline(page);
  return {
    page,
    scriptErrors,
    stats: () =>
      page.evaluate(() => {
        if (window.eddyDemo === undefined) throw new Error('the page has no session');
        return window.eddyDemo.session.stats();
      }),
    watched: () =>
      page.evaluate(async () => {
        const video = document.querySelector('video');
        if (video === null) throw new Error('the page has no video');
        const appended = window.recording.appended.map(async ({ mime, bytes, sha256 }) => ({
          mime,
          bytes,
          sha256: await sha256,
        }));
        return {
          position: video.currentTime,
          ended: video.ended,
          stalls: window.recording.stalls,
          problems: window.problems,
          appended: await Promise.all(appended),
        };
      }),
    timeline: () => timelineOf(page),
    mediaBytesOverHttp: () => bytes,
    close: () => page.close(),
  };
}

/** A machine that starts a page beside it lets it wait: who comes next waits until this one plays from a buffer. */
export async function playsSteadily({ page }: EddyPage, bufferSeconds: number): Promise<void> {
  await page.waitForFunction((seconds) => {
    const video = document.querySelector('video');
    if (video === null || video.currentTime === 0 || video.buffered.length === 0) return false;
    return video.buffered.end(video.buffered.length - 1) - video.currentTime >= seconds;
  }, bufferSeconds);
}
