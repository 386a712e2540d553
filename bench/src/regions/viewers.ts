import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Cleanup } from '../process/cleanup.js';
import { type EddyPage, openEddyPage } from '../scenarios/page/eddy-page.js';
import { launchChromium } from '../system/chromium.js';
import type { Cdn } from './cdn.js';
import { type Network, REGIONS, type RegionName } from './network.js';

/** What a viewer has had so far. */
export interface Snapshot {
  readonly atMs: number;
  /** Times that the picture stood still, as seen below the player. */
  readonly stalls: number;
  readonly stalledMs: number;
  /** Position of the picture, in seconds. */
  readonly position: number;
  /** Fatal errors, and scripts that failed. */
  readonly problems: readonly string[];
  readonly edgeBytes: number;
  readonly peerBytes: number;
}

/** A page with hls.js and the SDK in one of the regions. */
export interface RegionViewer {
  readonly name: string;
  readonly region: RegionName;
  /** Host of the edge that it was last given a playlist by. */
  readonly at: () => string;
  /** Host that its session meets others at. */
  readonly meetsAt: () => string;
  readonly snapshot: () => Promise<Snapshot>;
}

export interface OpenViewersOptions {
  readonly network: Network;
  readonly cdn: Cdn;
  readonly path: string;
  readonly perRegion: number;
}

/** Pages that begin at the edges of their own region, one after the other. */
export async function openViewers(options: OpenViewersOptions, cleanup: Cleanup): Promise<RegionViewer[]> {
  const { network, cdn, path, perRegion } = options;
  const folder = await mkdtemp(join(tmpdir(), 'eddy-viewers-'));
  cleanup.add(() => rm(folder, { recursive: true, force: true }));
  const origins = cdn.edges.map(({ url }) => url).join(',');
  const viewers: RegionViewer[] = [];
  for (const region of REGIONS) {
    const browser = await launchChromium({
      wrapper: (command) => network.regions[region].viewers.wrapper(folder, command),
      flags: [
        // Hashes as over https, and addresses that need no multicast to be resolved.
        `--unsafely-treat-insecure-origin-as-secure=${origins}`,
        '--disable-features=WebRtcHideLocalIpsWithMdns',
      ],
    });
    cleanup.add(() => browser.close());
    const edges = cdn.edges.filter((edge) => edge.region === region);
    for (let index = 0; index < perRegion; index++) {
      const edgeUrl = edges[index % edges.length]?.url ?? '';
      const page = await openEddyPage(browser, { edgeUrl, src: path });
      viewers.push(watch(page, `${region}-viewer-${index + 1}`, region));
    }
  }
  return viewers;
}

function watch(viewer: EddyPage, name: string, region: RegionName): RegionViewer {
  let at = '';
  let meetsAt = '';
  viewer.page.on('response', (response) => {
    const url = new URL(response.url());
    if (response.ok() && url.pathname.endsWith('.m3u8')) at = url.hostname;
  });
  viewer.page.on('websocket', (socket) => {
    meetsAt = new URL(socket.url()).hostname;
  });
  return {
    ...{ name, region },
    at: () => at,
    meetsAt: () => meetsAt,
    snapshot: async () => {
      const { rebufferMs, edgeBytes, peerBytes } = await viewer.stats();
      const { stalls, problems, position } = await viewer.page.evaluate(() => ({
        stalls: window.recording.stalls.length,
        problems: window.problems,
        position: document.querySelector('video')?.currentTime ?? 0,
      }));
      return {
        ...{ atMs: performance.now(), stalls, stalledMs: rebufferMs, position, edgeBytes, peerBytes },
        problems: [...problems, ...viewer.scriptErrors],
      };
    },
  };
}
