import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { Cleanup } from '../process/cleanup.js';
import { temporaryFolder } from '../process/folder.js';
import { rotation } from '../rounds/rotation.js';
import { SWARM_CONTENDERS } from './contenders.js';
import { figuresOf, type SwarmFigures } from './figures.js';
import type { PeerFiles } from './media/peer-packages.js';
import { LIVE_WINDOW, publishVideo, putPage, startStream, streamName } from './media/stage-site.js';
import { SWARM_SCENARIOS } from './scenarios.js';
import { runTurn } from './turn.js';

/** What a process in the network namespace is asked to do. */
export interface ArenaPlan {
  readonly scenarios: readonly string[];
  readonly contenders: readonly string[];
  readonly rounds: number;
  readonly seconds: number;
  /** Renditions, the best last. */
  readonly footage: readonly string[];
  readonly peers: PeerFiles;
  /** Where everything seen is written, one file a turn. */
  readonly keep?: string;
}

/** What it tells while it works. */
export type ArenaNews =
  | { readonly type: 'progress'; readonly line: string }
  | {
      readonly type: 'turn';
      readonly scenario: string;
      readonly contender: string;
      readonly round: number;
      readonly figures: SwarmFigures;
    }
  | { readonly type: 'failed'; readonly what: string; readonly reason: string };

export interface ArenaComponents {
  readonly tell: (news: ArenaNews) => void;
  readonly signal: AbortSignal;
}

async function fullWindow(folder: string, name: string, signal: AbortSignal): Promise<void> {
  for (;;) {
    const master = await readFile(join(folder, name, 'master.m3u8'), 'utf8').catch(() => '');
    const first = master.split('\n').find((line) => line !== '' && !line.startsWith('#'));
    const playlist = await readFile(join(folder, name, first ?? ''), 'utf8').catch(() => '');
    if (playlist.split('#EXTINF').length > LIVE_WINDOW) return;
    await sleep(200, undefined, { signal });
  }
}

/** Stages the media, then gives everyone their turns. */
export async function runArena({ tell, signal }: ArenaComponents, plan: ArenaPlan): Promise<void> {
  const scenarios = SWARM_SCENARIOS.filter(({ name }) => plan.scenarios.includes(name));
  const contenders = SWARM_CONTENDERS.filter(({ name }) => plan.contenders.includes(name));
  const cleanup = new Cleanup();
  try {
    const folder = await temporaryFolder();
    cleanup.add(folder.remove);
    await putPage(folder.path, plan.peers);
    if (plan.keep !== undefined) await mkdir(plan.keep, { recursive: true });
    for (const scenario of scenarios) {
      const { media } = scenario;
      const ofScenario = new Cleanup();
      try {
        if (media.kind === 'vod') await publishVideo(folder.path, media, plan.footage);
        else {
          const stream = await startStream(folder.path, media, plan.footage, signal);
          ofScenario.add(stream.stop);
          await fullWindow(folder.path, streamName(media), signal);
        }
        for (const [index, order] of rotation(contenders, plan.rounds).entries()) {
          for (const contender of order) {
            signal.throwIfAborted();
            const round = index + 1;
            const what = `${scenario.name}, round ${round}, ${contender.name}`;
            tell({ type: 'progress', line: what });
            const siteUrl = pathToFileURL(folder.path).href;
            try {
              const { seconds } = plan;
              const trace = await runTurn({ scenario, contender, round, seconds, siteUrl, signal });
              if (plan.keep !== undefined) {
                const file = `${scenario.name}-${round}-${contender.name}.json`;
                await writeFile(join(plan.keep, file), JSON.stringify(trace));
              }
              const thrown = trace.viewers.flatMap(({ scriptErrors }) => scriptErrors);
              if (thrown.length > 0)
                tell({ type: 'progress', line: `${what}: ${thrown.length} uncaught errors: ${thrown[0]}` });
              const ids = { scenario: scenario.name, contender: contender.name, round };
              tell({ type: 'turn', ...ids, figures: figuresOf(trace) });
            } catch (error) {
              if (signal.aborted) throw error;
              tell({ type: 'failed', what, reason: error instanceof Error ? error.message : String(error) });
            }
          }
        }
      } finally {
        await ofScenario.run();
      }
    }
  } finally {
    await cleanup.run();
  }
}
