import type { Integration } from './integrations.js';
import type { OpensPages } from './open-page.js';
import { SOURCES, type SuiteSite } from './suite-site.js';
import { type Seen, type SessionStats, type Watching, watch } from './watching.js';

/** What every integration has to do, in this order. */
export const STEPS = ['plays', 'seeks', 'switches', 'teardown', 'live', 'encrypted', 'settings'] as const;
export type Step = (typeof STEPS)[number];

export interface StepResult {
  readonly step: Step;
  /** Undefined: it passed. */
  readonly failure: string | undefined;
  /** Share of the newcomer's media bytes that came from the other viewer, where it was looked at. */
  readonly offload: number | undefined;
}

export interface SuiteComponents {
  /** Opens pages for the first viewer, and for the second. */
  readonly open: readonly [OpensPages, OpensPages];
  readonly site: SuiteSite;
}

const PATIENCE_MS = 30_000;
/** As much as this must be held before a second viewer comes. */
const HEAD_START_BYTES = 200_000;
const PLAYED_SECONDS = 5;
const LIVE_SECONDS = 12;
const SEEK_TO = [28, 6] as const;

/** Runs the steps against one integration; a step that fails does not keep the others from running. */
export async function runSuite(
  integration: Integration,
  { open, site }: SuiteComponents,
  steps: readonly Step[] = STEPS,
): Promise<StepResult[]> {
  const results: StepResult[] = [];
  const run = async (step: Step, work: () => Promise<number | undefined>): Promise<void> => {
    if (!steps.includes(step)) return;
    try {
      results.push({ step, failure: undefined, offload: await work() });
    } catch (error) {
      results.push({
        step,
        failure: error instanceof Error ? error.message : String(error),
        offload: undefined,
      });
    }
  };
  const pair = async (
    src: string,
    work: (first: Watching, second: Watching) => Promise<void>,
  ): Promise<void> => {
    const first = await watch(open[0], site, integration, { src, name: 'first' });
    if (src !== SOURCES.live) await hasHeadStart(first);
    const second = await watch(open[1], site, integration, { src, name: 'second' });
    await work(first, second).finally(() => Promise.all([first.page.close(), second.page.close()]));
  };
  await pair(SOURCES.film, async (first, second) => {
    await run('plays', () => plays(second, site.published));
    await run('seeks', () => seeks(second));
    await run('switches', () => switches(first, second));
    await run('teardown', () => teardown(first, second));
  });
  if (steps.includes('live')) await pair(SOURCES.live, (...two) => run('live', () => live(...two)));
  if (steps.includes('encrypted'))
    await pair(SOURCES.encrypted, (_, second) => run('encrypted', () => plays(second, undefined)));
  if (steps.includes('settings') && integration.player === 'hls-js')
    await pair(`${SOURCES.encore}&own`, (_, second) => run('settings', () => settings(second, site)));
  return results;
}

/** Waits until `first` has something that others can take. */
export async function hasHeadStart(first: Watching): Promise<void> {
  await first.until(
    'ahead of the others',
    ({ position, stats }) => position > 1 && (stats?.heldBytes ?? 0) >= HEAD_START_BYTES,
  );
}

/** Plays on, takes from the other what it can, and every byte is one that was published. */
export async function plays(
  second: Watching,
  published: ReadonlyMap<string, string> | undefined,
): Promise<number> {
  const seen = await second.until(
    'playing with the bytes of others',
    ({ position, stats }) => position >= PLAYED_SECONDS && (stats?.peerBytes ?? 0) > 0,
  );
  clean(second, seen);
  if (published !== undefined) {
    const strange = (await second.appended()).filter((sha256) => !published.has(sha256));
    if (strange.length > 0) throw new Error(`${strange.length} pieces were appended that nobody published`);
  }
  return offloadOf(seen.stats);
}

/** There, into what was not buffered, and back. */
async function seeks(second: Watching): Promise<undefined> {
  for (const to of SEEK_TO) {
    await second.seek(to);
    await second.until(`playing at ${to} s`, ({ position }) => position > to + 1 && position < to + 8);
  }
  unhurt(second, await second.seen());
}

/** Both change to the other rendition, the second takes it from the first. */
async function switches(first: Watching, second: Watching): Promise<number> {
  const heights = [...new Set(await second.heights())];
  const { height } = await second.seen();
  const wanted = heights.find((other) => other !== height);
  if (wanted === undefined) throw new Error(`there is one rendition only: ${heights}`);
  for (const viewer of [first, second]) await viewer.choose(wanted);
  const before = await second.seen();
  const seen = await second.until(
    `showing ${wanted} lines`,
    ({ height: shown, position }) => shown === wanted && position > before.position + 2,
  );
  unhurt(second, seen);
  return offloadOf(seen.stats);
}

/** The session ends and playback goes on without; then the player ends, and the session of the other one with it. */
async function teardown(first: Watching, second: Watching): Promise<undefined> {
  const before = await second.seen();
  await second.page.run(() => {
    window.conformance?.session.destroy();
    window.conformance?.session.destroy();
  }, undefined);
  await first.until('alone again', ({ stats }) => stats?.peers === 0);
  const after = await second.until(
    'playing without Eddy',
    ({ position, stats }) => stats?.state === 'destroyed' && position > before.position + 2,
  );
  unhurt(second, after);
  for (const viewer of [first, second]) {
    await viewer.page.run(async () => {
      await window.conformance?.destroy();
      await window.conformance?.destroy();
    }, undefined);
    const seen = await viewer.until('destroyed', ({ stats }) => stats?.state === 'destroyed');
    unhurt(viewer, seen);
  }
}

async function live(first: Watching, second: Watching): Promise<number> {
  const seen = [];
  for (const viewer of [first, second]) {
    seen.push(
      await viewer.until(
        'playing live',
        ({ stats }) => (stats?.watchedMs ?? 0) >= LIVE_SECONDS * 1000,
        2 * PATIENCE_MS,
      ),
    );
  }
  const sum = { edgeBytes: 0, peerBytes: 0 };
  for (const [index, viewer] of [first, second].entries()) {
    const { stats } = seen[index] ?? {};
    sum.edgeBytes += stats?.edgeBytes ?? 0;
    sum.peerBytes += stats?.peerBytes ?? 0;
    clean(viewer, await viewer.seen());
  }
  if (sum.peerBytes === 0) throw new Error('nothing of the live stream was shared');
  return sum.peerBytes / (sum.edgeBytes + sum.peerBytes);
}

/** The page's own loaders, its `xhrSetup` and its ManagedMediaSource are used, and segments are shared all the same. */
async function settings(second: Watching, { published }: SuiteSite): Promise<number> {
  const offload = await plays(second, published);
  const used = await second.page.run(() => window.ownSettings, undefined);
  if (used === undefined || Object.values(used).includes(0))
    throw new Error(`${second.name} did not use what the page set: ${JSON.stringify(used)}`);
  return offload;
}

/** Nothing that a viewer would have noticed. */
export function clean(viewer: Watching, seen: Seen): void {
  unhurt(viewer, seen);
  const { stalls, stats } = seen;
  const found = { stalls, rebuffers: stats?.rebuffers, blamedPeers: stats?.blamedPeers };
  const wanted = { stalls: 0, rebuffers: 0, blamedPeers: 0 };
  if (JSON.stringify(found) !== JSON.stringify(wanted))
    throw new Error(`${viewer.name} had trouble: ${JSON.stringify(found)}`);
}

function unhurt({ name, page }: Watching, { problems }: Seen): void {
  const all = [...problems, ...page.scriptErrors];
  if (all.length > 0) throw new Error(`${name} had errors: ${all.join('; ')}`);
}

function offloadOf(stats: SessionStats | undefined): number {
  return stats?.offload ?? 0;
}
