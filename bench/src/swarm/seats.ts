import type { Browser } from 'playwright-core';
import { readProcesses } from '../machine/proc.js';
import { Cleanup } from '../process/cleanup.js';
import { launchChromium } from '../system/chromium.js';
import { startUplinks } from '../system/uplinks.js';
import type { SwarmScenario } from './scenarios.js';

/** Where viewers sit: the browsers that they use, and how these reach the edge. */
export interface Seats {
  /** Address of this side that all of them reach. */
  readonly address: string;
  /** The browser for a viewer whose page comes from `origin`. */
  readonly browserFor: (viewer: number, origin: string) => Promise<Browser>;
  /** The browsers' own processes. */
  readonly pids: () => readonly number[];
  readonly stop: () => Promise<void>;
}

async function childrenOf(pid: number): Promise<Set<number>> {
  const processes = await readProcesses();
  return new Set(processes.flatMap((process) => (process.parent === pid ? [process.pid] : [])));
}

/** One browser for all, or, where viewers have uplinks, one behind each. */
export async function takeSeats({ viewers, uplinkBitsPerSecond }: SwarmScenario): Promise<Seats> {
  const cleanup = new Cleanup();
  const pids: number[] = [];
  const launch = async (options: Parameters<typeof launchChromium>[0] = {}): Promise<Browser> => {
    const before = await childrenOf(process.pid);
    const browser = await launchChromium(options);
    cleanup.add(() => browser.close());
    for (const pid of await childrenOf(process.pid)) if (!before.has(pid)) pids.push(pid);
    return browser;
  };
  const rest = { pids: () => pids, stop: () => cleanup.run() };
  if (uplinkBitsPerSecond === undefined) {
    const browser = await launch();
    return { ...rest, address: '127.0.0.1', browserFor: async () => browser };
  }
  const { address, uplinks, stop } = await startUplinks(viewers, uplinkBitsPerSecond);
  cleanup.add(stop);
  return {
    ...rest,
    address,
    browserFor: async (viewer, origin) => {
      const wrapper = uplinks[viewer]?.wrapper;
      if (wrapper === undefined) throw new Error(`viewer ${viewer} has no uplink`);
      return await launch({
        wrapper,
        flags: [
          // Hashes and WebRTC as over https, and addresses that need no multicast to be resolved.
          `--unsafely-treat-insecure-origin-as-secure=${origin}`,
          '--disable-features=WebRtcHideLocalIpsWithMdns',
        ],
      });
    },
  };
}
