import type { EddyOptions, SessionStats } from '@eddy/player-sdk';
import type { Browser, Page } from 'playwright-core';

declare global {
  interface Window {
    violations: string[];
    candidates: string[];
    rtc: { made: number; policies: (string | undefined)[] };
    captures: number;
  }
}

export interface EmbeddedViewerOptions {
  readonly siteUrl: string;
  /** Address of the playlist. */
  readonly src: string;
  readonly eddy?: EddyOptions;
  /** Runs in the page before anything of it. */
  readonly before?: () => void;
}

/** A viewer on a site that embeds the SDK. */
export interface EmbeddedViewer {
  readonly page: Page;
  readonly stats: () => Promise<SessionStats>;
  /** Addresses of everything that was asked for, sockets included. */
  readonly asked: readonly string[];
  readonly scriptErrors: readonly string[];
  /** Waits until the picture is so far. */
  readonly playedTo: (seconds: number) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** Counts what the page does with WebRTC and with camera and microphone. */
export function watchWebRtc(): void {
  window.candidates = [];
  window.rtc = { made: 0, policies: [] };
  window.captures = 0;
  const { mediaDevices } = navigator;
  if (mediaDevices !== undefined) {
    mediaDevices.getUserMedia = () => {
      window.captures++;
      return Promise.reject(new DOMException('not here', 'NotAllowedError'));
    };
  }
  window.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(configuration?: RTCConfiguration) {
      super(configuration);
      window.rtc.made++;
      window.rtc.policies.push(configuration?.iceTransportPolicy);
      this.addEventListener('icecandidate', ({ candidate }) => {
        if (candidate?.candidate) window.candidates.push(candidate.candidate);
      });
    }
  };
}

/** Each in a browser profile of its own. */
export async function openEmbeddedViewer(
  browser: Browser,
  { siteUrl, src, eddy = {}, before }: EmbeddedViewerOptions,
): Promise<EmbeddedViewer> {
  const page = await browser.newPage();
  const scriptErrors: string[] = [];
  const asked: string[] = [];
  page.on('pageerror', (error) => scriptErrors.push(String(error)));
  page.on('request', (request) => asked.push(request.url()));
  page.on('websocket', (socket) => asked.push(socket.url()));
  await page.addInitScript(watchWebRtc);
  if (before !== undefined) await page.addInitScript(before);
  const query = new URLSearchParams({ src, eddy: JSON.stringify(eddy) });
  await page.goto(`${siteUrl}/?${query}`);
  return {
    page,
    asked,
    scriptErrors,
    stats: () =>
      page.evaluate(() => {
        if (window.eddyDemo === undefined) throw new Error('the page has no session');
        return window.eddyDemo.session.stats();
      }),
    playedTo: async (seconds) => {
      await page.waitForFunction(
        (least) => (document.querySelector('video')?.currentTime ?? 0) >= least,
        seconds,
        { timeout: 30_000 },
      );
    },
    close: () => page.context().close(),
  };
}
