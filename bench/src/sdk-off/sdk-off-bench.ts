import { copyFile, mkdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Bench, BenchComponents, BenchOptions } from '../bench.js';
import { selectByName } from '../edge/selection.js';
import { describeMachine } from '../machine/machine.js';
import { Cleanup } from '../process/cleanup.js';
import { temporaryFolder } from '../process/folder.js';
import type { Report, Turn } from '../report/report.js';
import { summarizeTurns } from '../report/summary.js';
import { balanced } from '../rounds/rotation.js';
import { launchChromium } from '../system/chromium.js';
import { mustRun, ORIGIN_BIN } from '../system/command-line.js';
import { startEdgeProcess } from '../system/edge-process.js';
import { SDK_OFF_CONTENDERS } from './contenders.js';
import { SDK_OFF_METRICS, START, sdkOffGoals } from './figures.js';
import { visitPage } from './visit.js';

const HLS_JS = createRequire(import.meta.url).resolve('hls.js/dist/hls.min.js');
const EDDY_JS = fileURLToPath(new URL('../../../player-sdk/dist/eddy.global.js', import.meta.url));
/** Compiled code lies in `dist`, the page beside its source. */
const PAGE = fileURLToPath(new URL('../../src/sdk-off/page/visit.html', import.meta.url));
const SAMPLE = fileURLToPath(new URL('../../../origin/sample/eddy-360p.mp4', import.meta.url));
const QUICK_ROUNDS = 1;

const METHOD: readonly string[] = [
  'One headless Chromium; each visit has a profile of its own with an empty cache, and is alone on the machine. The page plays 28 s of 360p from an eddy-edge on loopback with hls.js 1.7.4 at its defaults, worker included.',
  'The scripts are loaded first. Then the player is made (with the SDK: attached) and the source loaded: start is from there to the event `playing`; main thread (processor time), its tasks and script (both by the clock) are ThreadTime, TaskDuration and ScriptDuration of the browser’s Performance.getMetrics from there to some seconds after `playing`; requests are all of that time (sockets too), heap is what is left after a garbage collection at its end. "loading scripts" is the main thread before, the SDK’s own script included.',
  'Each round has one visit of everyone; over six rounds everyone has every place once and follows everyone else once. One round before them is not counted. Differences are within rounds, from the mean of the two visits without the SDK, with the 95% notch of their median. What "plain-again" differs from "plain" by is chance; what "loaded" does is the SDK’s script being there, of which nothing is called.',
];

async function stage(cleanup: Cleanup): Promise<string> {
  const folder = await temporaryFolder();
  cleanup.add(folder.remove);
  const home = join(folder.path, 'visit');
  await mkdir(home);
  const files = { 'index.html': PAGE, 'hls.js': HLS_JS, 'eddy.js': EDDY_JS };
  await Promise.all(Object.entries(files).map(([name, from]) => copyFile(from, join(home, name))));
  const to = pathToFileURL(folder.path).href;
  await mustRun(process.execPath, [ORIGIN_BIN, 'publish', SAMPLE, '--to', to, '--name', 'film']);
  return to;
}

async function visitAll({ progress, signal }: BenchComponents, options: BenchOptions): Promise<Turn[]> {
  const rounds = options.quick === true ? QUICK_ROUNDS : options.rounds;
  const contenders = selectByName(SDK_OFF_CONTENDERS, options.contenders, 'contender');
  const turns: Turn[] = [];
  const cleanup = new Cleanup();
  try {
    const edge = await startEdgeProcess({ origin: await stage(cleanup) });
    cleanup.add(edge.stop);
    const browser = await launchChromium();
    cleanup.add(() => browser.close());
    const plan = {
      ...{ pageUrl: `${edge.url}/visit/index.html`, src: '/film/master.m3u8' },
      watchMs: options.seconds * 1_000,
    };
    // The first round warms the edge's cache, the browser and the machine.
    for (const [round, order] of [contenders, ...balanced(contenders, rounds)].entries()) {
      progress(round === 0 ? 'a round that does not count' : `round ${round} of ${rounds}`);
      for (const contender of order) {
        signal.throwIfAborted();
        const values = await visitPage(browser, contender, plan);
        if (round > 0) turns.push({ round, contender: contender.name, values });
      }
    }
  } finally {
    await cleanup.run();
  }
  return turns;
}

async function run(components: BenchComponents, options: BenchOptions): Promise<Report> {
  const started = new Date();
  const turns = await visitAll(components, options);
  return {
    schema: 1,
    bench: 'sdk-off',
    title: 'A page with the SDK and peers off, beside the page without it',
    startedAt: started.toISOString(),
    durationSeconds: Math.round((Date.now() - started.getTime()) / 1000),
    machine: await describeMachine(),
    method: METHOD,
    contenders: SDK_OFF_CONTENDERS.map(({ name, family, version, setting }) => ({
      ...{ name, family, version, setting },
    })),
    metrics: SDK_OFF_METRICS,
    workloads: [
      {
        name: 'visit',
        description: `one page plays a film for ${options.seconds} s`,
        headline: START.key,
        rows: summarizeTurns(turns, SDK_OFF_CONTENDERS, SDK_OFF_METRICS),
        comparisons: [],
        goals: sdkOffGoals(turns),
        turns,
      },
    ],
    warnings: options.quick === true ? ['this was a quick look: not a result.'] : [],
  };
}

export const sdkOffBench: Bench = {
  name: 'sdk-off',
  summary: 'a page with the SDK and peers off, beside the page without it',
  defaults: { rounds: 24, seconds: 2 },
  run,
};
