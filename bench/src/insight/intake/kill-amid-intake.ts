import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BenchComponents } from '../../bench.js';
import { BenchError } from '../../errors.js';
import { runForked } from '../../process/forked.js';
import { killTree } from '../../process/kill-tree.js';
import { startEdgeProcess } from '../../system/edge-process.js';
import { CLIENT, edgeBytesOf } from './measure-intake.js';
import { type BeaconPlan, type BeaconResult, batchLine } from './run-beacons.js';

export interface KillSize {
  readonly players: number;
  readonly everyMs: number;
  readonly seconds: number;
  /** The edge is killed when so many are acknowledged. */
  readonly killAt: number;
}

/** Acknowledged batches that come once more after the restart, as retries do whose answers were lost. */
const REPEATED_SHARE = 0.2;
const REPEATS_AT_ONCE = 64;

/**
 * `kill -9` amid intake, a restart in the same folder; then everything that was not answered comes again, and a part of
 * what was. Each batch claims one byte, so the sum of bytes is the number of batches that count.
 */
export async function killAmidIntake(
  { signal, progress }: BenchComponents,
  size: KillSize,
  run: string,
  env: Readonly<Record<string, string>> = {},
): Promise<Record<string, number>> {
  const dataDir = await mkdtemp(join(tmpdir(), 'eddy-insight-kill-'));
  const start = () => startEdgeProcess({ origin: `file://${dataDir}`, dataDir, env });
  try {
    const victim = await start();
    const plan: BeaconPlan = {
      ...{ port: Number(new URL(victim.url).port), players: size.players, everyMs: size.everyMs, run },
      ...{ seconds: size.seconds, streams: 200, mediaPerSecond: 0, mediaPath: '', tellEvery: 50 },
    };
    let killing: Promise<void> | undefined;
    const before = await runForked<BeaconResult>(CLIENT, plan, {
      ...{ signal, timeoutMs: 120_000 },
      onMessage: (message) => {
        const count =
          typeof message === 'object' && message !== null ? Reflect.get(message, 'acknowledged') : 0;
        if (killing !== undefined || typeof count !== 'number' || count < size.killAt) return;
        killing = killTree(victim.pid);
      },
    });
    if (killing === undefined) throw new BenchError('load-failed', 'the edge was not killed amid the intake');
    await killing;
    const edge = await start();
    try {
      const acknowledged = new Set(before.acknowledged);
      const unanswered = before.batches.filter((batch) => !acknowledged.has(batch));
      const repeated = before.acknowledged.filter((_, index) => index % (1 / REPEATED_SHARE) === 0);
      const survived = await counted(edge.insightUrl);
      progress(
        `${acknowledged.size} acknowledged, ${unanswered.length} not; ${survived} are there after the restart`,
      );
      await sendAgain(edge.url, [...unanswered, ...repeated], run);
      const all = await counted(edge.insightUrl);
      const unique = new Set(before.batches).size;
      return {
        acknowledged: acknowledged.size,
        unanswered: unanswered.length,
        missing: Math.max(0, acknowledged.size - survived) + Math.max(0, unique - all),
        extra: Math.max(0, all - unique),
      };
    } finally {
      await edge.stop();
    }
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
}

async function counted(insightUrl: string): Promise<number> {
  return edgeBytesOf(await (await fetch(`${insightUrl}/api/summary?range=1h`)).json());
}

async function sendAgain(url: string, batches: readonly string[], run: string): Promise<void> {
  const waiting = [...batches];
  const lane = async (): Promise<void> => {
    for (let batch = waiting.pop(); batch !== undefined; batch = waiting.pop()) {
      const player = batch.split('-').at(-2) ?? '0';
      const answer = await fetch(`${url}/_eddy/beacons`, {
        method: 'POST',
        body: batchLine(batch, `${run}-s${player}`, 0),
      });
      await answer.arrayBuffer();
      if (answer.status !== 204) throw new BenchError('wrong-answer', `a retry is answered ${answer.status}`);
    }
  };
  await Promise.all(Array.from({ length: REPEATS_AT_ONCE }, lane));
}
