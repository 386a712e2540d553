import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser } from 'playwright-core';
import type { SdkOffContender } from './contenders.js';

interface VisitState {
  ready?: boolean;
  readonly problems: string[];
  readonly longTasksMs: number[];
  readonly startMs: number | undefined;
  begin(): void;
}

declare global {
  interface Window {
    visit: VisitState;
  }
}

export interface VisitPlan {
  /** Address of the page, without its query. */
  readonly pageUrl: string;
  /** Path of the playlist. */
  readonly src: string;
  readonly watchMs: number;
}

const LOADED_WITHIN_MS = 20_000;

/**
 * One visit, in a browser profile of its own: the scripts are loaded, then the video is played for a while. Everything
 * but `loadTaskMs` counts from the moment at which the scripts were there. Times are of the page's main thread.
 */
export async function visitPage(
  browser: Browser,
  { sdk, loads }: SdkOffContender,
  { pageUrl, src, watchMs }: VisitPlan,
): Promise<Readonly<Record<string, number>>> {
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    const cdp = await context.newCDPSession(page);
    let requests = 0;
    cdp.on('Network.requestWillBeSent', ({ request }) => {
      if (!request.url.startsWith('blob:')) requests++;
    });
    cdp.on('Network.webSocketCreated', () => requests++);
    await cdp.send('Network.enable');
    await cdp.send('Performance.enable', { timeDomain: 'timeTicks' });
    const metrics = async (): Promise<Map<string, number>> => {
      const answer = await cdp.send('Performance.getMetrics');
      return new Map(answer.metrics.map(({ name, value }) => [name, value]));
    };
    const plan = JSON.stringify({ src, loads, ...(sdk === undefined ? {} : { sdk }) });
    await page.goto(`${pageUrl}?plan=${encodeURIComponent(plan)}`);
    await page.waitForFunction(() => window.visit?.ready === true, undefined, { timeout: LOADED_WITHIN_MS });
    const loaded = await metrics();
    requests = 0;
    await page.evaluate(() => window.visit.begin());
    await page.waitForFunction(() => window.visit.startMs !== undefined, undefined, {
      timeout: LOADED_WITHIN_MS,
    });
    await sleep(watchMs);
    const watched = await metrics();
    const asked = requests;
    const { problems, longTasksMs, startMs } = await page.evaluate(() => ({
      problems: window.visit.problems,
      longTasksMs: window.visit.longTasksMs,
      startMs: window.visit.startMs,
    }));
    if (problems.length > 0) throw new Error(`the page did not play: ${problems.join(', ')}`);
    await cdp.send('HeapProfiler.collectGarbage');
    const heapBytes = (await metrics()).get('JSHeapUsedSize') ?? 0;
    const since = (name: string): number => 1_000 * ((watched.get(name) ?? 0) - (loaded.get(name) ?? 0));
    return {
      startMs: startMs ?? 0,
      cpuMs: since('ThreadTime'),
      taskMs: since('TaskDuration'),
      scriptMs: since('ScriptDuration'),
      longTasks: longTasksMs.length,
      longTaskMs: longTasksMs.reduce((sum, duration) => sum + duration, 0),
      requests: asked,
      heapBytes,
      loadTaskMs: 1_000 * (loaded.get('TaskDuration') ?? 0),
    };
  } finally {
    await context.close();
  }
}
