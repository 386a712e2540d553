import { Registry } from 'prom-client';
import { expect, it } from 'vitest';
import { createPlayerMetrics } from './player-metrics.js';
import { sampleFact } from './sample-beacon.js';

it('what players live through is counted by arm, and is there before the first of them', async () => {
  const registry = new Registry();
  const hear = createPlayerMetrics(registry);
  expect(await registry.metrics()).toContain('eddy_player_startup_seconds_bucket{le="2",arm="holdout"} 0');
  hear(sampleFact({}, { startups: 1, startupMs: 1800, rebuffers: 1, errors: 2, hashFailedBytes: 5 }));
  hear(sampleFact({ batch: 'second' }));
  hear(sampleFact({ arm: 'holdout' }, { peerBytes: 0 }));
  const text = await registry.metrics();
  for (const line of [
    'eddy_player_bytes_total{arm="treated",source="edge"} 2000',
    'eddy_player_bytes_total{arm="treated",source="peer"} 6000',
    'eddy_player_bytes_total{arm="holdout",source="edge"} 1000',
    'eddy_player_bytes_total{arm="holdout",source="peer"} 0',
    'eddy_player_watched_seconds_total{arm="treated"} 19.8',
    'eddy_player_rebuffer_seconds_total{arm="treated"} 0.2',
    'eddy_player_rebuffers_total{arm="treated"} 1',
    'eddy_player_errors_total{arm="treated"} 2',
    'eddy_player_rejected_bytes_total{arm="treated"} 5',
    'eddy_player_startup_seconds_bucket{le="1.5",arm="treated"} 0',
    'eddy_player_startup_seconds_bucket{le="2",arm="treated"} 1',
    'eddy_player_startup_seconds_count{arm="holdout"} 0',
  ]) {
    expect(text.split('\n')).toContain(line);
  }
});
