import { readFile } from 'node:fs/promises';
import type { Plan } from '@eddy/edge/insight';
import { describe, expect, it } from 'vitest';
import { adapted, run, SHEET, sheetNow } from './cli.js';
import { egressCosts, monthOf } from './cost.js';
import { amount, readBusinesses, readMachines, readMeasured } from './inputs.js';
import { type Measured, measuredFrom } from './measured.js';
import { type Audience, offloadOf, offloadOfAudience, viewersByStream } from './offload.js';
import { ASSUMPTIONS, type Business, type Machine, planBusiness } from './plan.js';

const POINTS = [
  { viewers: 10, offload: 0.8, from: 'browsers' },
  { viewers: 1000, offload: 0.96, from: 'simulate' },
] as const;
const MEASURED: Measured = {
  coreSecondsPerByte: 1e-9,
  coreSecondsPerRequest: 100e-6,
  baseBytes: 100e6,
  connectionBytes: 20_000,
  swarmViewer: { cores: 6e-6, bytes: 10_000 },
  offload: POINTS,
};
const MACHINE: Machine = {
  ...{ name: 'm', cores: 8, memoryBytes: 32 * 2 ** 30, nicBitsPerSecond: 10e9 },
  ...{ perMonth: 200, currency: 'USD', source: 'test' },
};
const BUSINESS: Business = {
  ...{ name: 'b', what: 'test', monthlyBytes: 3e15, peakBitsPerSecond: 24e9, viewers: 8000 },
  ...{ streams: 1, popularity: 0, together: 1, able: 1 },
};

describe('offload', () => {
  it.each([
    [0.5, 0],
    [1, 0],
    [10, 0.8],
    [100, 0.88],
    [1000, 0.96],
    [100_000, 0.96],
  ])('of %d together is %d', (viewers, share) => {
    expect(offloadOf(viewers, POINTS)).toBeCloseTo(share, 6);
  });

  const audience: Audience = { viewers: 100, streams: 1, popularity: 0, together: 1, able: 1, holdout: 0 };
  it('of an audience leaves out who is not able or held out, and counts company only', () => {
    expect(offloadOfAudience(audience, POINTS)).toBeCloseTo(0.88, 6);
    // Half of them share, in company of 50; the others take all from the edge.
    expect(offloadOfAudience({ ...audience, able: 0.5 }, POINTS)).toBeCloseTo(0.5 * offloadOf(50, POINTS), 6);
    expect(offloadOfAudience({ ...audience, holdout: 0.5 }, POINTS)).toBeCloseTo(
      0.5 * offloadOf(50, POINTS),
      6,
    );
    expect(offloadOfAudience({ ...audience, together: 0.1 }, POINTS)).toBeCloseTo(0.8, 6);
  });

  it('falls with more streams, and less where few of them are popular', () => {
    const even = { ...audience, streams: 20 };
    const uneven = { ...even, popularity: 1 };
    expect(viewersByStream(even)).toEqual(Array.from({ length: 20 }, () => 5));
    expect(viewersByStream(uneven).reduce((sum, here) => sum + here, 0)).toBeCloseTo(100, 6);
    expect(offloadOfAudience(even, POINTS)).toBeLessThan(offloadOfAudience(uneven, POINTS));
    expect(offloadOfAudience(uneven, POINTS)).toBeLessThan(offloadOfAudience(audience, POINTS));
  });
});

describe('edges', () => {
  it('are as many as the network needs, and one more', () => {
    // 24 Gbit/s over 6 of 10 Gbit/s each.
    expect(planBusiness(BUSINESS, MACHINE, MEASURED).without).toMatchObject({ edges: 5, limit: 'network' });
  });

  it('are limited by what is short first', () => {
    const slow = { ...MEASURED, coreSecondsPerByte: 10e-9 };
    expect(planBusiness(BUSINESS, MACHINE, slow).without).toMatchObject({ limit: 'processor', edges: 8 });
    const many = { ...BUSINESS, viewers: 2_000_000, peakBitsPerSecond: 1e9 };
    const light = { ...MEASURED, coreSecondsPerRequest: 1e-9 };
    expect(planBusiness(many, MACHINE, light).without).toMatchObject({ limit: 'memory', edges: 5 });
    const tiny = { ...BUSINESS, viewers: 100, peakBitsPerSecond: 1e9 };
    expect(planBusiness(tiny, MACHINE, MEASURED).without).toMatchObject({ limit: 'spares', edges: 2 });
  });

  it('are fewer with peers, by what peers give', () => {
    const plan = planBusiness(BUSINESS, MACHINE, MEASURED);
    expect(plan.offload).toBeCloseTo(0.9 * 0.96, 6);
    expect(plan.with.egressBitsPerSecond).toBeCloseTo(24e9 * (1 - plan.offload), 0);
    expect(plan.with.edges).toBe(2);
  });

  it('need memory for their cache', () => {
    const small = { ...MACHINE, memoryBytes: 4 * 2 ** 30 };
    expect(() => planBusiness(BUSINESS, small, MEASURED, ASSUMPTIONS)).toThrowError(/less memory/);
  });
});

describe('a month', () => {
  it('has the volume and the peak that were asked for', () => {
    const month = monthOf(3e15, 25e9);
    expect(month).toHaveLength(720);
    expect(month.reduce((sum, { bytes }) => sum + bytes, 0) / 3e15).toBeCloseTo(1, 6);
    expect((Math.max(...month.map(({ bytes }) => bytes)) * 8) / 3600 / 25e9).toBeCloseTo(1, 6);
  });

  it('is refused where the two do not fit', () => {
    expect(() => monthOf(3e15, 9e9)).toThrowError(/below the average/);
    expect(() => monthOf(1e12, 25e9)).toThrowError(/over 24 times/);
  });

  it('is billed by each plan of an edge', () => {
    const plan = planBusiness(BUSINESS, MACHINE, MEASURED);
    const dear: Plan = {
      ...{ name: 'p', provider: 'x', region: 'y', of: 'edge', currency: 'EUR', timeZone: 'UTC' },
      ...{ date: '2026-01-01', source: 'test' },
      billing: { kind: 'metered', unit: 'GB', tiers: [{ perUnit: 0.01 }] },
    };
    const [cost, ...more] = egressCosts(plan, [dear, { ...dear, of: 'origin' }]);
    expect(more).toEqual([]);
    expect(cost?.without).toBeCloseTo(30_000, 2);
    expect(cost?.with).toBeCloseTo(30_000 * (1 - plan.offload), 2);
  });
});

describe('inputs', () => {
  it('are amounts with their unit', () => {
    expect([amount('3PB', 'bytes'), amount('1.5Gbit', 'bits')]).toEqual([3e15, 1.5e9]);
    expect(() => amount('3PB', 'bits')).toThrowError(/is not a rate such as 25Gbit/);
    expect(() => amount('3', 'bytes')).toThrowError(/is not a volume such as 3PB/);
  });

  it('come from kept results, and say what those lack', async () => {
    const measured = await readMeasured();
    expect(measured.offload.map(({ viewers }) => viewers)).toEqual([8, 20, 100, 300]);
    for (const { offload } of measured.offload) expect(offload).toBeGreaterThan(0.8);
    expect(() => measuredFrom({ workloads: [] }, {}, [])).toThrowError(/no cpuPerRequestUs of eddy-edge/);
  });

  it('may be changed by flags', async () => {
    const [first] = await readBusinesses();
    const changed = adapted(first ?? BUSINESS, { monthly: '5PB', viewers: '20000', able: '0.5' });
    expect(changed).toMatchObject({ monthlyBytes: 5e15, viewers: 20_000, able: 0.5 });
    expect(() => adapted(BUSINESS, { able: '2' })).toThrowError(/not a number from 0 to 1/);
    expect(await readMachines()).toHaveLength(2);
  });
});

it('docs/capacity.md is what `node deploy/capacity/capacity.mjs --sheet` writes now', async () => {
  expect(await readFile(SHEET, 'utf8')).toBe(await sheetNow());
});

it('the command gives tables, and JSON for other programs', async () => {
  const printed: string[] = [];
  const asked = ['--business', 'channels', '--peak', '25Gbit', '--viewers', '8000'];
  expect(await run(asked, (text) => printed.push(text))).toBe(0);
  expect(await run([...asked, '--json'], (text) => printed.push(text))).toBe(0);
  expect(printed[0]).toMatch(/\| channels \| ten-gigabit \| \*\*6\*\* \(network\)/);
  expect(JSON.parse(printed[1] ?? '').lines).toHaveLength(2);
});
