import { setTimeout as sleep } from 'node:timers/promises';
import type { BenchComponents } from '../../bench.js';
import { treeCpuSeconds } from '../../machine/proc.js';
import { noise, type OriginObject, sha256 } from '../../origin/content.js';
import { startTinyOrigin } from '../../origin/tiny-origin.js';
import { runForked } from '../../process/forked.js';
import { quantileOf } from '../../statistics/statistics.js';
import { startEdgeProcess } from '../../system/edge-process.js';
import type { BeaconPlan, BeaconResult } from './run-beacons.js';

export const CLIENT: URL = new URL('beacon-client.js', import.meta.url);

export interface IntakeSize {
  readonly players: number;
  readonly everyMs: number;
  readonly seconds: number;
  readonly mediaPerSecond: number;
}

const MEDIA_BYTES = 256 * 1024;
/** Connections are opened in the first interval; what is measured comes after it. */
const SETTLE_SECONDS = 12;

/**
 * Cores of one edge while it serves media alone, and while it also takes in beacons: the difference is what these
 * cost. Lost are beacons that were sent and are not in the figures afterwards.
 */
export async function measureIntake(
  { signal, progress }: BenchComponents,
  size: IntakeSize,
  env: Readonly<Record<string, string>> = {},
): Promise<Record<string, number>> {
  const body = noise(1, MEDIA_BYTES);
  const object: OriginObject = { path: '/v/1.m4s', contentType: 'video/mp4', body, sha256: sha256(body) };
  const origin = await startTinyOrigin([object]);
  const edge = await startEdgeProcess({
    origin: origin.url,
    args: ['--cache-memory', '64MiB'],
    env: { EDDY_LIMITS_CONNECTIONS: '20000', ...env },
  });
  try {
    const port = Number(new URL(edge.url).port);
    const turn = async (run: string, players: number): Promise<{ cores: number; result: BeaconResult }> => {
      const plan: BeaconPlan = {
        ...{ port, players, everyMs: size.everyMs, seconds: size.seconds + SETTLE_SECONDS, run },
        ...{ streams: 2000, mediaPerSecond: size.mediaPerSecond, mediaPath: object.path },
      };
      const running = runForked<BeaconResult>(CLIENT, plan, { signal, timeoutMs: 300_000 });
      await sleep(SETTLE_SECONDS * 1000, undefined, { signal });
      const before = { seconds: await treeCpuSeconds(edge.pid), ms: performance.now() };
      await sleep((size.seconds - 1) * 1000, undefined, { signal });
      const cores = (await treeCpuSeconds(edge.pid)) - before.seconds;
      const passed = (performance.now() - before.ms) / 1000;
      return { cores: cores / passed, result: await running };
    };
    progress(`media alone, ${size.mediaPerSecond} requests a second`);
    const media = await turn('media', 0);
    progress(`the same, with ${size.players} players that beacon every ${size.everyMs / 1000} s`);
    const both = await turn('both', size.players);
    const { result } = both;
    const summary: unknown = await (await fetch(`${edge.insightUrl}/api/summary?range=1h`)).json();
    const counted = edgeBytesOf(summary);
    const fromMedia = result.mediaAnswers + media.result.mediaAnswers;
    const stored = await edge.metric('eddy_insight_beacons_total', { result: 'stored' });
    return {
      beaconCores: both.cores - media.cores,
      mediaCores: media.cores,
      bothCores: both.cores,
      beaconsPerSecond: result.sent / (size.seconds + SETTLE_SECONDS),
      lost: result.sent - Math.min(stored, result.acknowledged.length),
      p99Ms: quantileOf(result.latenciesMs, 0.99),
      mediaPerSecond: fromMedia / 2 / (size.seconds + SETTLE_SECONDS),
      countedEdgeBytes: counted,
    };
  } finally {
    await edge.stop();
    await origin.close();
  }
}

export function edgeBytesOf(summary: unknown): number {
  if (typeof summary !== 'object' || summary === null || !('total' in summary)) return Number.NaN;
  const { total } = summary;
  if (typeof total !== 'object' || total === null || !('edgeBytes' in total)) return Number.NaN;
  return Number(total.edgeBytes);
}
