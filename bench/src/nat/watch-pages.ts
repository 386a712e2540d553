import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Cleanup } from '../process/cleanup.js';
import { type EddyPage, openEddyPage } from '../scenarios/page/eddy-page.js';
import { launchChromium } from '../system/chromium.js';
import type { Home } from './homes.js';
import type { NatViewerResult } from './result.js';
import { CANDIDATE } from './witness.js';

/** What the first has in its buffer before the second comes. */
const HEAD_START_SECONDS = 20;
const WATCHED_SECONDS = 10;
/** For each step, on a busy machine. */
const PATIENCE_MS = 60_000;

declare global {
  interface Window {
    natWitness: {
      /** Every connection that the page has made. */
      readonly connections: RTCPeerConnection[];
      /** Every candidate that it was told. */
      readonly heard: string[];
      /** Reports that were sent by `sendBeacon`, of which a page hears nothing more. */
      readonly reports: Promise<unknown>[];
    };
  }
}

/** Runs in the page before anything of it. */
function witness(): void {
  const { addIceCandidate } = RTCPeerConnection.prototype;
  const seen: Window['natWitness'] = { connections: [], heard: [], reports: [] };
  window.natWitness = seen;
  RTCPeerConnection.prototype.addIceCandidate = function (
    this: RTCPeerConnection,
    candidate?: RTCIceCandidateInit | null,
  ): Promise<void> {
    if (candidate?.candidate) seen.heard.push(candidate.candidate);
    return Reflect.apply(addIceCandidate, this, [candidate]);
  };
  navigator.sendBeacon = (url, body) => {
    seen.reports.push(fetch(url, { method: 'POST', body: body ?? null, keepalive: true }));
    return true;
  };
  window.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(configuration?: RTCConfiguration) {
      super(configuration);
      seen.connections.push(this);
    }
  };
}

export interface WatchPagesOptions {
  readonly homes: readonly Home[];
  readonly edgeUrl: string;
  readonly path: string;
  /** SHA-256 of everything that is published. */
  readonly published: ReadonlySet<string>;
}

/** One page of a film in each home, one after the other. */
export async function watchPages(options: WatchPagesOptions): Promise<NatViewerResult[]> {
  const { homes, edgeUrl, path, published } = options;
  const cleanup = new Cleanup();
  try {
    const folder = await mkdtemp(join(tmpdir(), 'eddy-pages-'));
    cleanup.add(() => rm(folder, { recursive: true, force: true }));
    const pages: EddyPage[] = [];
    for (const { viewer } of homes) {
      const browser = await launchChromium({
        wrapper: (command) => viewer.wrapper(folder, command),
        // Hashes as over https.
        flags: [`--unsafely-treat-insecure-origin-as-secure=${edgeUrl}`],
      });
      cleanup.add(() => browser.close());
      const page = await openEddyPage(browser, { edgeUrl, src: path, before: witness });
      pages.push(page);
      if (pages.length === 1) await holdsHeadStart(page);
    }
    for (const page of pages) await isDecided(page);
    const results = await Promise.all(pages.map((page) => resultOf(page, published)));
    await Promise.all(pages.map(leave));
    return results;
  } finally {
    await cleanup.run();
  }
}

/** Ends its session; resolves once its last report has arrived. */
async function leave({ page }: EddyPage): Promise<void> {
  await page.evaluate(async () => {
    window.eddyDemo?.session.destroy();
    await Promise.all(window.natWitness.reports);
  });
}

async function holdsHeadStart({ page }: EddyPage): Promise<void> {
  await page.waitForFunction(
    (least) => {
      const buffered = document.querySelector('video')?.buffered;
      const held = window.eddyDemo?.session.stats().heldBytes ?? 0;
      return held > 0 && buffered !== undefined && buffered.length > 0 && buffered.end(0) >= least;
    },
    HEAD_START_SECONDS,
    { timeout: PATIENCE_MS },
  );
}

/** It has watched for long enough, and something has come of its first attempt to meet the other. */
async function isDecided({ page }: EddyPage): Promise<void> {
  await page.waitForFunction(
    (least) => {
      const { watchedMs = 0, peerBytes = 0, uploadedBytes = 0 } = window.eddyDemo?.session.stats() ?? {};
      const { connections } = window.natWitness;
      const ended = connections.some(({ connectionState }) => connectionState === 'closed');
      return watchedMs >= least * 1000 && (peerBytes + uploadedBytes > 0 || ended);
    },
    WATCHED_SECONDS,
    { timeout: PATIENCE_MS },
  );
}

async function resultOf(viewer: EddyPage, published: ReadonlySet<string>): Promise<NatViewerResult> {
  const { self, edgeBytes, peerBytes, uploadedBytes, relayedBytes, blamedPeers } = await viewer.stats();
  const { stalls, problems, appended } = await viewer.watched();
  const { heard, pairs, made, open } = await viewer.page.evaluate(async () => {
    const { connections, heard } = window.natWitness;
    const isOpen = ({ connectionState }: RTCPeerConnection): boolean => connectionState === 'connected';
    const pairs = connections.filter(isOpen).map(async (connection) => {
      const reports = new Map<string, Record<string, string>>();
      (await connection.getStats()).forEach((report) => {
        reports.set(report.id, report);
      });
      const transport = [...reports.values()].find(({ type }) => type === 'transport');
      const pair = reports.get(transport?.selectedCandidatePairId ?? '');
      return [pair?.localCandidateId, pair?.remoteCandidateId]
        .map((id = '') => reports.get(id)?.candidateType ?? 'unknown')
        .join('/');
    });
    const open = pairs.length;
    return { heard, pairs: await Promise.all(pairs), made: connections.length, open };
  });
  const candidates = heard.flatMap((text) => [...text.matchAll(CANDIDATE)]);
  return {
    ...{ self, edgeBytes, peerBytes, uploadedBytes, relayedBytes, blamedPeers, pairs },
    ...{ failed: made - open, opened: open },
    heardKinds: [...new Set(candidates.map(([, , kind = '']) => kind))].sort(),
    heardAddresses: [...new Set(candidates.map(([, address = '']) => address))].sort(),
    stalls: stalls.length,
    wrongSegments: appended.filter(({ sha256 }) => !published.has(sha256)).length,
    problems: [...problems, ...viewer.scriptErrors],
    playedBytes: appended.reduce((sum, { bytes }) => sum + bytes, 0),
  };
}
