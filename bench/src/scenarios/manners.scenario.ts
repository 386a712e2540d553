import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Cleanup } from '../process/cleanup.js';
import { launchChromium } from '../system/chromium.js';
import { EDGE_BIN, mustRun } from '../system/command-line.js';
import { type EdgeProcess, type EdgeProcessOptions, startEdgeProcess } from '../system/edge-process.js';
import {
  type EmbeddedViewer,
  type EmbeddedViewerOptions,
  openEmbeddedViewer,
} from './page/embedded-viewer.js';
import { type EmbeddingSite, startEmbeddingSite } from './page/embedding-site.js';
import { makeSite, type Site } from './site.js';

const SAMPLE = fileURLToPath(new URL('../../../origin/sample/eddy-360p.mp4', import.meta.url));
const PATH = '/film/master.m3u8';

const whole = new Cleanup();
let each = new Cleanup();
let media: Site;
let browser: Browser;
let edge: EdgeProcess;
let site: EmbeddingSite;

/** What the README tells sites to send. */
function policyFor(edgeUrl: string): string {
  const socket = edgeUrl.replace(/^http/, 'ws');
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    `connect-src ${edgeUrl} ${socket}`,
    'media-src blob:',
    'worker-src blob:',
  ].join('; ');
}

beforeAll(async () => {
  media = await makeSite();
  whole.add(media.remove);
  await media.publish('film', SAMPLE);
  browser = await launchChromium();
  whole.add(() => browser.close());
});
afterAll(() => whole.run());

async function serve(options: Omit<EdgeProcessOptions, 'origin'> = {}): Promise<void> {
  edge = await startEdgeProcess({ origin: media.url, ...options });
  each.add(edge.stop);
  site = await startEmbeddingSite({ policy: policyFor(edge.url) });
  each.add(site.stop);
}

afterEach(async () => {
  await each.run();
  each = new Cleanup();
});

async function open(options: Partial<EmbeddedViewerOptions> = {}, path = PATH): Promise<EmbeddedViewer> {
  const viewer = await openEmbeddedViewer(browser, {
    ...{ siteUrl: site.url, src: `${edge.url}${path}` },
    ...options,
  });
  each.add(viewer.close);
  return viewer;
}

async function holds(viewer: EmbeddedViewer, bytes = 500_000): Promise<void> {
  await expect.poll(async () => (await viewer.stats()).heldBytes, { timeout: 30_000 }).toBeGreaterThan(bytes);
}

async function takes(viewer: EmbeddedViewer): Promise<void> {
  await expect
    .poll(async () => (await viewer.stats()).peerBytes, { timeout: 30_000 })
    .toBeGreaterThan(100_000);
}

async function isUntroubled({ page, scriptErrors }: EmbeddedViewer): Promise<void> {
  const { violations, problems } = await page.evaluate(() => ({
    violations: window.violations,
    problems: window.problems,
  }));
  expect({ violations, problems, scriptErrors }).toEqual({ violations: [], problems: [], scriptErrors: [] });
}

describe('a page of another origin under a strict content security policy', () => {
  it('plays, shares and shows the overlay; no address is seen and no camera asked for', async () => {
    await serve();
    const first = await open();
    await holds(first);
    const second = await open();
    await takes(second);
    await second.playedTo(2);
    for (const viewer of [first, second]) await isUntroubled(viewer);
    const { candidates, captures } = await second.page.evaluate(() => ({
      candidates: window.candidates,
      captures: window.captures,
    }));
    expect(candidates.length).toBeGreaterThan(0);
    // Chromium hides local addresses behind mDNS names as long as a page has no camera or microphone.
    for (const candidate of candidates) expect(candidate).toMatch(/ [\w-]+\.local \d+ typ host/);
    expect(captures).toBe(0);
    const shown = await second.page.evaluate(() => {
      const badge = document.querySelector('#frame > div')?.shadowRoot?.querySelector('.badge');
      return badge === null || badge === undefined ? '' : getComputedStyle(badge).backgroundColor;
    });
    expect(shown).toBe('rgba(12, 18, 28, 0.72)');
  });

  it('a policy without a part of it would be seen to break something', async () => {
    await serve();
    const strict = await startEmbeddingSite({ policy: policyFor(edge.url).replace(/ ws:[^;\s]+/, '') });
    each.add(strict.stop);
    const viewer = await open({ siteUrl: strict.url });
    await viewer.playedTo(1);
    await expect
      .poll(() => viewer.page.evaluate(() => window.violations))
      .toContainEqual(expect.stringMatching(/^connect-src ws:/));
    expect((await viewer.stats()).state).toMatch(/away|connecting/);
  });

  it('no preflight for anything, with tokens and byte ranges', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'eddy-manners-'));
    each.add(() => rm(folder, { recursive: true, force: true }));
    const [keysFile, accessFile, config] = [
      join(folder, 'key.json'),
      join(folder, 'access.log'),
      join(folder, 'edge.json'),
    ];
    await writeFile(keysFile, JSON.stringify({ kty: 'oct', k: Buffer.alloc(32, 9).toString('base64url') }));
    await writeFile(config, JSON.stringify({ access: { keysFile }, accessLog: { file: accessFile } }));
    // One file, of which segments are ranges.
    await mustRun(
      'ffmpeg',
      [
        ...['-v', 'error', '-y', '-i', SAMPLE, '-c', 'copy', '-f', 'hls', '-hls_time', '2'],
        ...['-hls_playlist_type', 'vod', '-hls_flags', 'single_file', '-hls_segment_filename', 'all.ts'],
        'index.m3u8',
      ],
      { cwd: join(media.folder, 'film') },
    );
    await serve({ args: ['--config', config] });
    const mint = ['token', '--key', keysFile, '--prefix', '/film/'];
    const token = (await mustRun(process.execPath, [EDGE_BIN, ...mint])).trim();
    const path = `/~${token}/film/index.m3u8`;
    const first = await open({}, path);
    await holds(first);
    const second = await open({}, path);
    await takes(second);
    await second.playedTo(2);
    await isUntroubled(second);
    for (const { asked } of [first, second]) expect(asked.some((url) => url.includes('all.ts'))).toBe(true);
    const lines = async (): Promise<{ method: string; status: number }[]> =>
      (await readFile(accessFile, 'utf8'))
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line));
    await expect.poll(async () => (await lines()).some(({ status }) => status === 206)).toBe(true);
    const methods = new Set((await lines()).map(({ method }) => method));
    expect([...methods].filter((method) => method !== 'GET' && method !== 'POST')).toEqual([]);
  });
});

describe('a viewer', () => {
  beforeEach(() => serve());

  it('who has not been asked leaves no trace; who agrees shares; who takes it back leaves', async () => {
    const first = await open();
    await holds(first);
    const viewer = await open({ eddy: { consent: 'required' } });
    await viewer.playedTo(2);
    const traces = (): Promise<{ made: number; stored: string[] }> =>
      viewer.page.evaluate(() => ({ made: window.rtc.made, stored: Object.keys(localStorage) }));
    expect(await traces()).toEqual({ made: 0, stored: [] });
    expect(viewer.asked.filter((url) => url.includes('_eddy'))).toEqual([]);
    expect((await viewer.stats()).state).toBe('off: no consent');

    await viewer.page.evaluate(() => window.eddyDemo?.session.giveConsent());
    await expect.poll(async () => (await viewer.stats()).peers, { timeout: 20_000 }).toBe(1);
    expect((await traces()).stored).toEqual(['eddy-viewer']);

    await viewer.page.evaluate(() => window.eddyDemo?.session.withdrawConsent());
    await expect.poll(async () => (await first.stats()).peers, { timeout: 20_000 }).toBe(0);
    expect((await traces()).stored).toEqual([]);
    await isUntroubled(viewer);
  });

  it('finds the switch with the keyboard; the others notice; it is remembered', async () => {
    const first = await open();
    await holds(first);
    const second = await open();
    await takes(second);
    const { page } = second;
    const badge = page.getByRole('button', { name: /came from other viewers/i });
    await badge.focus();
    await page.keyboard.press('Enter');
    const share = page.getByRole('switch', { name: 'Share with other viewers' });
    expect(await share.getAttribute('aria-checked')).toBe('true');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Space');
    await expect.poll(() => share.getAttribute('aria-checked')).toBe('false');
    // A player's shortcut would have paused it.
    expect(await page.evaluate(() => document.querySelector('video')?.paused)).toBe(false);
    await expect.poll(async () => (await first.stats()).peers, { timeout: 20_000 }).toBe(0);
    expect((await second.stats()).state).toBe('off: turned off by the viewer');

    await page.reload();
    await second.playedTo(1);
    expect((await second.stats()).viewerShares).toBe(false);
    await badge.click();
    await share.click();
    await expect.poll(async () => (await first.stats()).peers, { timeout: 20_000 }).toBe(1);
    await isUntroubled(second);
  });

  it('waits for the picture where the page asks for it', async () => {
    // Pauses the first attempt to play.
    const viewer = await open({
      eddy: { waitForPlayback: true },
      before: () => {
        const { play } = HTMLMediaElement.prototype;
        window.addEventListener('start', () => document.querySelector('video')?.play());
        HTMLMediaElement.prototype.play = function (this: HTMLMediaElement): Promise<void> {
          HTMLMediaElement.prototype.play = play;
          return Promise.resolve();
        };
      },
    });
    await expect
      .poll(async () => (await viewer.stats()).edgeBytes, { timeout: 20_000 })
      .toBeGreaterThan(100_000);
    expect(viewer.asked.filter((url) => url.includes('_eddy'))).toEqual([]);
    expect(await viewer.page.evaluate(() => window.rtc.made)).toBe(0);
    expect((await viewer.stats()).state).toBe('waiting');
    await viewer.page.evaluate(() => window.dispatchEvent(new Event('start')));
    await expect.poll(async () => (await viewer.stats()).state, { timeout: 20_000 }).toBe('alone');
  });
});

it('a page that wants relays only gives WebRTC no other way, and without a relay does not begin', async () => {
  await serve();
  const without = await open({ eddy: { relayOnly: true } });
  await expect.poll(async () => (await without.stats()).state).toBe('off: no relay');
  await without.playedTo(1);
  await each.run();
  each = new Cleanup();

  const folder = await mkdtemp(join(tmpdir(), 'eddy-relay-'));
  each.add(() => rm(folder, { recursive: true, force: true }));
  const config = join(folder, 'edge.json');
  // Nobody answers there: what counts is what the browser is told.
  const iceServers = [{ urls: ['turn:127.0.0.1:9'], username: 'u', credential: 'c' }];
  await writeFile(config, JSON.stringify({ swarm: { iceServers } }));
  await serve({ args: ['--config', config] });
  const viewers = [await open({ eddy: { relayOnly: true } }), await open({ eddy: { relayOnly: true } })];
  for (const { page } of viewers) {
    await expect.poll(() => page.evaluate(() => window.rtc.policies[0]), { timeout: 20_000 }).toBe('relay');
    expect(
      await page.evaluate(() => window.candidates.filter((text) => !text.includes('typ relay'))),
    ).toEqual([]);
  }
});

describe('whatever is missing or broken, it plays as hls.js alone does', () => {
  /** One edge and one viewer to share with, for all of them. */
  let shared = new Cleanup();
  beforeAll(async () => {
    await serve();
    await (await open()).playedTo(1);
    shared = each;
    each = new Cleanup();
  });
  afterAll(() => shared.run());

  it.each<[what: string, state: RegExp, before: () => void]>([
    [
      'WebSocket throws',
      /away|connecting/,
      () => {
        window.WebSocket = class {
          constructor() {
            throw new Error('no sockets here');
          }
        } as unknown as typeof WebSocket;
      },
    ],
    [
      'there is no WebRTC',
      /off: no WebRTC/,
      () => {
        for (const name of ['RTCPeerConnection', 'webkitRTCPeerConnection']) {
          Object.defineProperty(window, name, { value: undefined });
        }
      },
    ],
    [
      'RTCPeerConnection throws',
      /alone/,
      () => {
        window.RTCPeerConnection = class {
          constructor() {
            throw new Error('no connections here');
          }
        } as unknown as typeof RTCPeerConnection;
      },
    ],
    [
      'there are no hashes',
      /off: insecure page/,
      () => Object.defineProperty(Crypto.prototype, 'subtle', { value: undefined }),
    ],
    [
      'localStorage is refused',
      /alone|sharing/,
      () =>
        Object.defineProperty(window, 'localStorage', {
          get: () => {
            throw new DOMException('denied', 'SecurityError');
          },
        }),
    ],
    [
      'the storage is full',
      /alone|sharing/,
      () => {
        Storage.prototype.setItem = () => {
          throw new DOMException('full', 'QuotaExceededError');
        };
      },
    ],
    [
      'the browser tells nothing of the device, or fails at it',
      /alone|sharing/,
      () => {
        Object.defineProperty(Navigator.prototype, 'connection', { value: undefined });
        Object.defineProperty(Navigator.prototype, 'getBattery', {
          value: () => {
            throw new Error('no battery here');
          },
        });
      },
    ],
  ])('%s', async (_, state, before) => {
    const viewer = await open({ before });
    await viewer.playedTo(3);
    await isUntroubled(viewer);
    const stats = await viewer.stats();
    expect(stats.state).toMatch(state);
    expect(stats.rebuffers).toBe(0);
  });

  it('the edge has no swarm: 404', async () => {
    await serve({ env: { EDDY_SWARM_ENABLED: 'false' } });
    const viewer = await open();
    await viewer.playedTo(3);
    await isUntroubled(viewer);
    const { state, edgeBytes, rebuffers } = await viewer.stats();
    expect(state).toMatch(/away|connecting/);
    expect(edgeBytes).toBeGreaterThan(0);
    expect(rebuffers).toBe(0);
  });
});
