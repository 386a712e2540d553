import { expect, it } from 'vitest';
import type { Comparison, Metric } from '../report/report.js';
import { ratioGoal } from './goals.js';

const speed: Metric = { key: 'speed', label: 'speed', unit: 'bytes/s', better: 'higher' };
const cpu: Metric = { key: 'cpu', label: 'CPU', unit: 'us', better: 'lower' };
const comparison = (family: string, metric: Metric, middle: number): Comparison => ({
  family,
  against: `${family} tuned`,
  metric: metric.key,
  ratio: { median: middle, min: 0, max: 9, spread: 1 },
  rounds: [middle],
});
const all = [
  comparison('nginx', speed, 1.1),
  comparison('varnish', speed, 0.9),
  comparison('nginx', cpu, 1.3),
  comparison('varnish', cpu, 1.2),
];

it('takes the hardest of all, or the one family that is named', () => {
  expect(ratioGoal(all, { metric: speed, limit: 1 })).toEqual([
    { text: 'speed at least 1x the best', measured: '0.90x varnish tuned', met: false },
  ]);
  expect(ratioGoal(all, { metric: speed, family: 'nginx', limit: 1 })).toMatchObject([{ met: true }]);
});

it('turns round where less is better', () => {
  expect(ratioGoal(all, { metric: cpu, limit: 1.25 })).toMatchObject([
    { measured: '1.30x nginx tuned', met: false },
  ]);
  expect(ratioGoal(all, { metric: cpu, family: 'varnish', limit: 1.25 })).toMatchObject([{ met: true }]);
});

it('promises nothing where nothing was compared', () => {
  expect(ratioGoal([], { metric: cpu, limit: 1 })).toEqual([]);
});
