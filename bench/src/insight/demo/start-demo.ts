import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Cleanup } from '../../process/cleanup.js';
import { type EdgeProcess, startEdgeProcess } from '../../system/edge-process.js';
import { reportViewers } from './demo-viewers.js';
import { type DemoSize, fillDemo } from './fill-demo.js';

export interface Demo {
  readonly edge: EdgeProcess;
  /** The made-up viewers of now report again. */
  readonly report: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

const VIEWERS = 240;

/** A real edge on a database of a made-up company, with some viewers watching. */
export async function startDemo(size: DemoSize): Promise<Demo> {
  const cleanup = new Cleanup();
  const folder = await mkdtemp(join(tmpdir(), 'eddy-demo-'));
  cleanup.add(() => rm(folder, { recursive: true, force: true }));
  try {
    const [site, dataDir] = [join(folder, 'site'), join(folder, 'data')];
    await mkdir(site);
    await mkdir(dataDir);
    const minute = (): number => Math.floor(Date.now() / 60_000);
    await fillDemo(join(dataDir, 'insight.duckdb'), minute(), size, minute);
    const edge = await startEdgeProcess({
      ...{ origin: pathToFileURL(site).href, dataDir, holdoutPercent: 10 },
      env: { EDDY_INSIGHT_POP: 'fra', EDDY_NAME: 'fra-1' },
    });
    cleanup.add(edge.stop);
    let round = 0;
    const report = (): Promise<void> => reportViewers(edge.url, VIEWERS, round++);
    await report();
    return { edge, report, stop: () => cleanup.run() };
  } catch (error) {
    await cleanup.run();
    throw error;
  }
}
