import { describe, expect, it } from 'vitest';
import { HeldTimers } from '../../held-timers.js';
import { DEFAULT_INSIGHT_LIMITS, type InsightLimits } from '../config.js';
import { InsightError } from '../errors.js';
import { LiveWindow } from '../live/live-window.js';
import { markOf } from '../rollup/fact.js';
import { sampleFact } from '../sample-beacon.js';
import type { CommitGroup, InsightStore, Mark } from '../store/insight-store.js';
import { Intake } from './intake.js';
import { RecentBatches } from './recent-batches.js';

/** Remembers what was committed; `fail` makes it refuse. */
function setUp(limits: Partial<InsightLimits> = {}, batches: Mark[] = []) {
  const groups: CommitGroup[] = [];
  const state = { fail: false, nowMs: 60_000_000, elsewhere: [] as string[] };
  const store: Pick<InsightStore, 'commit' | 'seen' | 'batchesSince' | 'sessionsSince'> = {
    async commit(group) {
      if (state.fail) throw new InsightError('store-full', 'The disk is full.');
      groups.push(group);
    },
    seen: async (ids) => new Set(ids.filter((id) => state.elsewhere.includes(id))),
    batchesSince: async () => batches,
    sessionsSince: async () => [],
  };
  const unused = async (): Promise<never> => {
    throw new Error('not part of the intake');
  };
  const timers = new HeldTimers();
  const intake = new Intake(
    {
      store: {
        ...{ query: unused, moments: unused, tend: unused, prune: unused, sizeBytes: unused, close: unused },
        addEdge: unused,
        ...store,
      },
      wallClock: { now: () => state.nowMs },
      clock: { now: () => 0 },
      timers,
      live: new LiveWindow({ maxSessions: 100 }),
    },
    { ...DEFAULT_INSIGHT_LIMITS, ...limits },
  );
  const tick = (): void => timers.fire(DEFAULT_INSIGHT_LIMITS.commitEveryMs);
  return { intake, groups, state, tick };
}

/** Of the smallest cube. */
function totals(group: CommitGroup | undefined): { beacons: number; edgeBytes: number; sessions: number }[] {
  return (group?.rows ?? [])
    .filter(({ cube }) => cube === 'total')
    .map(({ tally: { sums } }) => sums)
    .map(({ beacons = 0, edgeBytes = 0, sessions = 0 }) => ({ beacons, edgeBytes, sessions }));
}

describe('the intake', () => {
  it('counts nothing that another edge has committed', async () => {
    const { intake, groups, state, tick } = setUp();
    state.elsewhere.push(markOf('session 1'));
    const answers = ['1', '2'].map((batch) => intake.accept(sampleFact({ batch })));
    tick();
    expect(await Promise.all(answers)).toEqual(['duplicate', 'stored']);
    expect(groups.map(({ batches }) => batches)).toEqual([[markOf('session 2')]]);
    expect(await intake.accept(sampleFact({ batch: '1' }))).toBe('duplicate');
  });

  it('answers when the group is committed, many at once', async () => {
    const { intake, groups, tick } = setUp();
    let answered = 0;
    const answers = ['1', '2', '3'].map((batch) =>
      intake.accept(sampleFact({ batch })).then((result) => {
        answered += 1;
        return result;
      }),
    );
    expect(intake.queued).toBe(3);
    expect(answered).toBe(0);
    tick();
    expect(await Promise.all(answers)).toEqual(['stored', 'stored', 'stored']);
    expect(groups).toHaveLength(1);
    expect(totals(groups[0])).toEqual([{ beacons: 3, edgeBytes: 3000, sessions: 1 }]);
    expect(intake.queued).toBe(0);
  });

  it('counts a batch once, whether it comes twice at once or later', async () => {
    const { intake, groups, tick } = setUp();
    const answers = [intake.accept(sampleFact()), intake.accept(sampleFact())];
    tick();
    expect(await Promise.all(answers)).toEqual(['stored', 'duplicate']);
    expect(await intake.accept(sampleFact())).toBe('duplicate');
    const other = intake.accept(sampleFact({ session: 'other' }));
    tick();
    expect(await other).toBe('stored');
    expect(groups.flatMap(({ batches }) => batches)).toHaveLength(2);
  });

  it('knows after a restart what was stored before', async () => {
    const { intake } = setUp({}, [{ minute: 1000, id: markOf('session batch') }]);
    await intake.remember();
    expect(await intake.accept(sampleFact())).toBe('duplicate');
  });

  it('refuses what it cannot hold, and takes it later', async () => {
    const { intake, tick } = setUp({ queuedBatches: 2 });
    const held = ['1', '2'].map((batch) => intake.accept(sampleFact({ batch })));
    await expect(intake.accept(sampleFact({ batch: '3' }))).rejects.toMatchObject({ code: 'queue-full' });
    tick();
    await Promise.all(held);
    const later = intake.accept(sampleFact({ batch: '3' }));
    tick();
    expect(await later).toBe('stored');
  });

  it('tells all of a group that failed, so that they come again, and counts them once then', async () => {
    const { intake, groups, state, tick } = setUp();
    state.fail = true;
    const answers = [intake.accept(sampleFact()), intake.accept(sampleFact())];
    tick();
    for (const answer of answers) await expect(answer).rejects.toMatchObject({ code: 'store-full' });
    state.fail = false;
    const again = intake.accept(sampleFact());
    tick();
    expect(await again).toBe('stored');
    expect(totals(groups[0])).toEqual([{ beacons: 1, edgeBytes: 1000, sessions: 1 }]);
  });

  it('counts a session where it began, and again after half an hour of silence', async () => {
    const { intake, groups, state, tick } = setUp();
    for (const [index, minutes] of [0, 29, 29 + 31].entries()) {
      state.nowMs = 60_000_000 + minutes * 60_000;
      const answer = intake.accept(sampleFact({ batch: String(index) }));
      tick();
      await answer;
      // The commit itself ends just after its answers.
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(groups.map((group) => totals(group)[0]?.sessions)).toEqual([1, 0, 1]);
  });

  it('commits what waits when it closes, and takes no more', async () => {
    const { intake, groups } = setUp();
    const answer = intake.accept(sampleFact());
    await intake.close();
    expect(await answer).toBe('stored');
    expect(groups).toHaveLength(1);
    await expect(intake.accept(sampleFact({ batch: 'late' }))).rejects.toMatchObject({ code: 'closing' });
  });
});

describe('recent batches', () => {
  it('are forgotten after their window, and when there are too many', () => {
    const recent = new RecentBatches({ windowMinutes: 10, maxBatches: 3 });
    recent.add({ minute: 1, id: 'a' });
    recent.add({ minute: 10, id: 'b' });
    expect(recent.has('a')).toBe(true);
    recent.add({ minute: 11, id: 'c' });
    expect([recent.has('a'), recent.has('b'), recent.size]).toEqual([false, true, 2]);
    for (const id of ['d', 'e']) recent.add({ minute: 11, id });
    expect([recent.has('b'), recent.has('c'), recent.size]).toEqual([false, true, 3]);
  });
});
