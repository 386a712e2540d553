import { Registry } from 'prom-client';
import { afterEach, expect, it } from 'vitest';
import { openTestTier } from '../testing/disk-fixture.js';
import { Cleanup, temporaryFolder } from '../testing/edge-fixture.js';
import { registerDiskMetrics } from './disk-metrics.js';

const cleanup = new Cleanup();
afterEach(() => cleanup.run());

it('says what the disk cache holds, did and could not do', async () => {
  const { tier } = await openTestTier(cleanup, { folder: await temporaryFolder(cleanup), limitBytes: 1e6 });
  await tier.ready;
  const registry = new Registry();
  registerDiskMetrics({ registry, stats: () => tier.stats });
  const object = { meta: Buffer.from('m'), tags: '', body: Buffer.alloc(5000) };
  await tier.write('/k', object);
  await tier.write('/huge', { ...object, body: Buffer.alloc(600_000) });
  await tier.read('/k');
  await tier.read('/none');
  const text = await registry.metrics();
  for (const line of [
    'eddy_edge_disk_objects 1',
    'eddy_edge_disk_bytes 8192',
    'eddy_edge_disk_limit_bytes 1000000',
    'eddy_edge_disk_state{state="ok"} 1',
    'eddy_edge_disk_state{state="failed"} 0',
    'eddy_edge_disk_reads_total{result="hit"} 1',
    'eddy_edge_disk_reads_total{result="miss"} 1',
    'eddy_edge_disk_writes_total{outcome="stored"} 1',
    'eddy_edge_disk_writes_total{outcome="disk-object-too-large"} 1',
    'eddy_edge_disk_corrupt_total 0',
  ]) {
    expect(text).toContain(`${line}\n`);
  }
});
