import { describe, expect, it } from 'vitest';
import { simulateBench } from './simulate-bench.js';

const options = { rounds: 1, seconds: 1, warmUpSeconds: 0, loadThreads: 1, patienceSeconds: 0 };
const components = { progress: () => {}, signal: new AbortController().signal };

describe('simulateBench', () => {
  it('reports each scenario with its goals and why the edge was asked', async () => {
    const report = await simulateBench.run(components, {
      ...options,
      only: ['live-1s'],
      simulation: { seeds: 2, seconds: 10, viewers: 4 },
    });
    const [swarm, reasons] = report.workloads;
    expect(swarm?.turns.map(({ round }) => round)).toEqual([1, 2]);
    expect(swarm?.goals?.map(({ text }) => text)).toContain('live-1s: offload at least 80.0%');
    const summary = reasons?.rows[0]?.summary ?? {};
    const sum = Object.entries(summary)
      .filter(([key]) => key !== 'edge ranges')
      .reduce((total, [, { median }]) => total + median, 0);
    expect(sum).toBeCloseTo(swarm?.rows[0]?.summary.edgePerPlayed?.median ?? 0, 1);
    expect(summary['edge first']?.median).toBeGreaterThan(0.1);
  });

  it('refuses scenarios and weights that do not exist', async () => {
    await expect(simulateBench.run(components, { ...options, only: ['live-2s'] })).rejects.toThrow('live-2s');
    const simulation = { schedule: { luck: 1 } };
    await expect(simulateBench.run(components, { ...options, simulation })).rejects.toThrow('luck');
  });
});
