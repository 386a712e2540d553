import { createRequire } from 'node:module';
import type Hls from 'hls.js';
import type { Browser, Page } from 'playwright-core';
import { record } from './recorder.js';

const HLS_JS = createRequire(import.meta.url).resolve('hls.js/dist/hls.min.js');

declare global {
  interface Window {
    hls: Hls;
    Hls: typeof Hls;
    problems: string[];
  }
}

/** Plays a playlist with hls.js alone, on a page of the edge's own site, and records what is appended. */
export async function openWatchPage(browser: Browser, playlistUrl: string): Promise<Page> {
  const page = await browser.newPage();
  const pageUrl = new URL('/watch-page.html', playlistUrl).href;
  await page.route(pageUrl, (route) =>
    route.fulfill({ contentType: 'text/html', body: '<!doctype html><video muted playsinline></video>' }),
  );
  await page.addInitScript(record);
  await page.goto(pageUrl);
  await page.addScriptTag({ path: HLS_JS });
  await page.evaluate((url) => {
    const video = document.querySelector('video');
    if (video === null) throw new Error('the page has no video');
    window.problems = [];
    video.addEventListener('error', () => window.problems.push(`video: ${video.error?.message}`));
    window.hls = new window.Hls();
    window.hls.on(window.Hls.Events.ERROR, (_, { details, fatal, reason }) =>
      window.problems.push(`${fatal ? 'fatal ' : ''}${details} ${reason ?? ''}`),
    );
    window.hls.loadSource(url);
    window.hls.attachMedia(video);
    void video.play();
  }, playlistUrl);
  return page;
}

/** Start and end, in seconds, of everything buffered. */
export type Ranges = readonly (readonly [start: number, end: number])[];

export interface Buffered {
  readonly video: Ranges;
  readonly sourceBuffers: readonly { readonly mime: string; readonly ranges: Ranges }[];
}

/** What is buffered once the whole presentation is, before it has been played to its end. */
export async function bufferedWhole(page: Page): Promise<Buffered> {
  return await page.evaluate(async () => {
    const video = document.querySelector('video');
    if (video === null) throw new Error('the page has no video');
    const rangesOf = (buffered: TimeRanges): [number, number][] =>
      Array.from({ length: buffered.length }, (_, index) => [buffered.start(index), buffered.end(index)]);
    const whole = (): boolean =>
      video.duration > 0 && rangesOf(video.buffered).some(([, end]) => end >= video.duration - 0.05);
    while (!whole()) await new Promise((resolve) => setTimeout(resolve, 50));
    return {
      video: rangesOf(video.buffered),
      sourceBuffers: window.recording.sourceBuffers.map(({ mime, buffer }) => ({
        mime,
        ranges: rangesOf(buffer.buffered),
      })),
    };
  });
}

export interface Ended {
  readonly position: number;
  readonly duration: number;
  /** Every picture that was decoded, shown or not. */
  readonly decodedFrames: number;
  readonly problems: readonly string[];
  readonly stalls: readonly { readonly position: number }[];
}

/** Waits until the video says `ended`. */
export async function playedToEnd(page: Page): Promise<Ended> {
  return await page.evaluate(async () => {
    const video = document.querySelector('video');
    if (video === null) throw new Error('the page has no video');
    while (!video.ended) await new Promise((resolve) => setTimeout(resolve, 50));
    return {
      position: video.currentTime,
      duration: video.duration,
      decodedFrames: video.getVideoPlaybackQuality().totalVideoFrames,
      problems: window.problems,
      stalls: window.recording.stalls,
    };
  });
}
