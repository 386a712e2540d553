import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Cleanup } from '../process/cleanup.js';
import { freePort } from '../process/port.js';
import { type EdgeProcess, startEdgeProcess } from '../system/edge-process.js';

/** Two edges of a region: the one that is measured, and its neighbour. */
export interface Pair {
  readonly measured: EdgeProcess;
  readonly measuredPort: number;
  readonly neighbour: EdgeProcess;
}

export interface PairPlan {
  readonly originPort: number;
  readonly folder: string;
  /** A JWK set that tokens are checked with; without it everybody may ask. */
  readonly publicKeys?: string;
}

/** Starts both as siblings, as deploy/ansible configures the edges of a region. */
export async function startPair(cleanup: Cleanup, plan: PairPlan): Promise<Pair> {
  const { originPort, folder, publicKeys } = plan;
  const ports = [await freePort(), await freePort()];
  const urls = ports.map((port) => `http://127.0.0.1:${port}`);
  const keysFile = join(folder, 'keys.json');
  if (publicKeys !== undefined) await writeFile(keysFile, publicKeys);
  const start = async (index: number): Promise<EdgeProcess> => {
    const file = join(folder, `edge-${index}.json`);
    const settings = {
      siblings: { self: urls[index], urls },
      cache: { memoryBytes: '512MiB' },
      insight: { enabled: false },
      ...(publicKeys === undefined ? {} : { access: { keysFile } }),
    };
    await writeFile(file, JSON.stringify(settings));
    const edge = await startEdgeProcess({
      origin: `http://127.0.0.1:${originPort}`,
      args: ['--config', file, '--listen', `127.0.0.1:${ports[index]}`],
    });
    cleanup.add(edge.stop);
    return edge;
  };
  const [measured, neighbour] = [await start(0), await start(1)];
  return { measured, measuredPort: ports[0] ?? 0, neighbour };
}

/** What an operator does before he swaps a version: drain, and SIGTERM when its connections are gone or in 5 s. */
export async function drainAndStop({ adminUrl, stop }: EdgeProcess): Promise<void> {
  const answer = await fetch(`${adminUrl}/drain`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"deadlineMs": 5000}',
  });
  if (!answer.ok) throw new Error(`POST /drain was answered with ${answer.status}`);
  const deadline = performance.now() + 5_000;
  while (performance.now() < deadline) {
    const state: unknown = await (await fetch(`${adminUrl}/drain`)).json();
    if (typeof state === 'object' && state !== null && Reflect.get(state, 'connections') === 0) break;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  await stop();
}
