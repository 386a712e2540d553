import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { treeCpuSeconds } from '../machine/proc.js';
import type { LiveShape } from '../origin/live-window.js';
import { startChild } from '../process/child.js';
import { Cleanup } from '../process/cleanup.js';
import { startEdgeProcess } from '../system/edge-process.js';
import { MASTER_PATH, WINDOW } from './live-stream.js';
import { clock, Viewer, type ViewerResult } from './viewer.js';

const ORIGIN = fileURLToPath(new URL('./origin-process.js', import.meta.url));

export interface SwarmPlan {
  readonly viewers: number;
  readonly joinSeconds: number;
  /** From the first viewer's coming to the end. */
  readonly seconds: number;
  readonly segmentMs: number;
  readonly bitrate: number;
  readonly peers: boolean;
}

export interface SwarmResult {
  readonly viewers: readonly ViewerResult[];
  /** Body bytes that the edge counts as given, playlists and all. */
  readonly edgeServedBytes: number;
  readonly edgeCpuSeconds: number;
  readonly viewersCpuSeconds: number;
  readonly seconds: number;
  /** How late the viewers' process did what it had to do: 99th percentile. */
  readonly latenessP99Ms: number;
}

export interface WatchComponents {
  readonly tell: (message: unknown) => void;
  /** Aborted: everybody leaves at once, and the call throws. */
  readonly signal: AbortSignal;
}

/** Origin and edge in processes of their own, all viewers in this one. */
export async function watchTogether(
  plan: SwarmPlan,
  { tell, signal }: WatchComponents,
): Promise<SwarmResult> {
  const cleanup = new Cleanup();
  try {
    const edge = await startSite(plan, cleanup, signal);
    const delay = monitorEventLoopDelay({ resolution: 10 });
    const [cpuBefore, edgeCpuBefore] = [process.cpuUsage(), await treeCpuSeconds(edge.pid)];
    const startedAt = clock.now();
    delay.enable();
    const viewers: Viewer[] = [];
    for (let index = 0; index < plan.viewers; index++) {
      const joinsAt = startedAt + (plan.joinSeconds * 1000 * index) / plan.viewers;
      await sleep(Math.max(0, joinsAt - clock.now()), undefined, { signal });
      const viewer = new Viewer({
        name: `viewer-${index}`,
        edgeUrl: edge.url,
        path: MASTER_PATH,
        peers: plan.peers,
      });
      viewers.push(viewer);
      cleanup.add(() => viewer.leave());
      void viewer.play();
    }
    tell(`${viewers.length} viewers are there`);
    await sleep(Math.max(0, startedAt + plan.seconds * 1000 - clock.now()), undefined, { signal });
    const cpu = process.cpuUsage(cpuBefore);
    const results = viewers.map((viewer) => viewer.result());
    return {
      viewers: results,
      edgeServedBytes: await edge.metric('eddy_edge_response_bytes_total'),
      edgeCpuSeconds: (await treeCpuSeconds(edge.pid)) - edgeCpuBefore,
      viewersCpuSeconds: (cpu.user + cpu.system) / 1e6,
      seconds: (clock.now() - startedAt) / 1000,
      latenessP99Ms: delay.percentile(99) / 1e6,
    };
  } finally {
    await cleanup.run();
  }
}

async function startSite(
  { segmentMs, bitrate }: SwarmPlan,
  cleanup: Cleanup,
  signal: AbortSignal,
): Promise<Awaited<ReturnType<typeof startEdgeProcess>>> {
  const shape: LiveShape = {
    startMs: Date.now() - WINDOW * segmentMs,
    channels: 1,
    segmentMs,
    segmentBytes: Math.round((bitrate * segmentMs) / 8_000),
    window: WINDOW,
  };
  let log = (): string => '';
  const origin = await startChild({
    name: 'origin',
    command: process.execPath,
    args: [ORIGIN, JSON.stringify(shape)],
    ready: async () => log().includes('serves '),
    onLog: (read) => {
      log = read;
    },
    signal,
  });
  cleanup.add(origin.stop);
  const address = /serves (\S+)/.exec(log())?.[1] ?? '';
  const edge = await startEdgeProcess({ origin: address });
  cleanup.add(edge.stop);
  return edge;
}
