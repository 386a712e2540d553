import { cpus } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { readMachineTime, treeCpuSeconds } from '../machine/proc.js';
import { Cleanup } from '../process/cleanup.js';
import { startEdgeProcess } from '../system/edge-process.js';
import type { SwarmContender } from './contenders.js';
import { Egress } from './link/egress.js';
import type { FarEdgeOptions } from './link/far-edge.js';
import { startTracker } from './link/tracker.js';
import { CLIP_SECONDS, TOP_BITRATE } from './media/footage.js';
import { OriginMedia } from './media/origin-media.js';
import { streamName } from './media/stage-site.js';
import { mannerOf, type SwarmScenario, seeded, timetable } from './scenarios.js';
import { takeSeats } from './seats.js';
import type { TurnTrace } from './trace.js';
import { Viewer } from './viewer.js';

/** Half of the way to the edge and back. */
const ONE_WAY_MS = 10;

export interface TurnOptions {
  readonly scenario: SwarmScenario;
  readonly contender: SwarmContender;
  readonly round: number;
  readonly seconds: number;
  /** The site's folder as an edge's origin. */
  readonly siteUrl: string;
  readonly signal: AbortSignal;
}

async function cpuSecondsOf(pids: Iterable<number>): Promise<number> {
  let sum = 0;
  for (const pid of pids) sum += await treeCpuSeconds(pid);
  return sum;
}

/** One contender in one scenario, with an edge, a browser and a tracker of its own. */
export async function runTurn(options: TurnOptions): Promise<TurnTrace> {
  const { scenario, contender, round, seconds, signal } = options;
  const cleanup = new Cleanup();
  try {
    const edge = await startEdgeProcess({ origin: options.siteUrl });
    cleanup.add(edge.stop);
    const tracker = await startTracker(seeded(round));
    cleanup.add(tracker.stop);
    const seats = await takeSeats(scenario);
    cleanup.add(seats.stop);

    const plan = timetable(scenario, { seconds, clipSeconds: CLIP_SECONDS, seed: round });
    let startedAt = performance.now();
    const now = (): number => Math.round(performance.now() - startedAt);
    const share = scenario.egressShare;
    const link: FarEdgeOptions = {
      address: seats.address,
      edgePort: Number(new URL(edge.url).port),
      trackerPort: tracker.port,
      oneWayMs: ONE_WAY_MS,
      egress: new Egress({
        bitsPerSecond:
          share === undefined ? Number.POSITIVE_INFINITY : share * TOP_BITRATE * scenario.viewers,
      }),
      now,
    };
    const viewers: Viewer[] = [];
    cleanup.add(async () => {
      await Promise.all(viewers.map((viewer) => viewer.close()));
    });
    const open = { link, src: `/${streamName(scenario.media)}/master.m3u8` };
    for (let viewer = 0; viewer < plan.viewers; viewer++) {
      signal.throwIfAborted();
      const settings = contender.page(scenario, viewer);
      viewers.push(
        await Viewer.open(seats, { ...open, viewer, settings, manner: mannerOf(scenario, viewer) }),
      );
    }
    const originMedia = new OriginMedia(join(fileURLToPath(options.siteUrl), streamName(scenario.media)));
    originMedia.start();
    cleanup.add(() => originMedia.stop());
    // Everyone begins at the same moment between two segments.
    const segmentMs = scenario.media.segmentSeconds * 1000;
    await sleep(segmentMs - (Date.now() % segmentMs), undefined, { signal });

    startedAt = performance.now();
    const cpuBefore = await cpuSecondsOf(seats.pids());
    const machineBefore = await readMachineTime();
    const done: Promise<void>[] = [];
    for (const { atMs, viewer, step } of plan.steps) {
      await sleep(Math.max(0, atMs - now()), undefined, { signal });
      const one = viewers[viewer];
      if (one !== undefined) done.push(step === 'join' ? one.join() : one.leave());
    }
    await Promise.all(done);
    await sleep(Math.max(0, plan.endMs - now()), undefined, { signal });
    await Promise.all(viewers.map((viewer) => viewer.note()));
    const durationMs = now();
    const machine = await readMachineTime();
    await originMedia.look();
    return {
      scenario: scenario.name,
      contender: contender.name,
      round,
      durationMs,
      viewers: viewers.flatMap(({ trace }) => (trace === undefined ? [] : [trace])),
      originMedia: [...originMedia.hashes],
      browserSeconds: (await cpuSecondsOf(seats.pids())) - cpuBefore,
      busySeconds: machine.busySeconds - machineBefore.busySeconds,
      stolenSeconds: machine.stolenSeconds - machineBefore.stolenSeconds,
      cores: cpus().length,
    };
  } finally {
    await cleanup.run();
  }
}
