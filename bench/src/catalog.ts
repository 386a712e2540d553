import type { Bench } from './bench.js';
import { edgeBench } from './edge/edge-bench.js';
import { fleetHostBench } from './fleet-host/fleet-host-bench.js';
import { insightBench } from './insight/insight-bench.js';
import { natBench } from './nat/nat-bench.js';
import { nodeSwarmBench } from './node-swarm/node-swarm-bench.js';
import { policyBench } from './policy/policy-bench.js';
import { regionsBench } from './regions/regions-bench.js';
import { rolloutBench } from './rollout/rollout-bench.js';
import { savingsBench } from './savings/savings-bench.js';
import { sdkOffBench } from './sdk-off/sdk-off-bench.js';
import { simulateBench } from './simulate/simulate-bench.js';
import { swarmBench } from './swarm/swarm-bench.js';

/** Every bench that `npm run bench -- NAME` knows. */
export const BENCHES: readonly Bench[] = [
  ...[edgeBench, fleetHostBench, insightBench, natBench, nodeSwarmBench, policyBench],
  ...[regionsBench, rolloutBench, savingsBench, sdkOffBench, simulateBench, swarmBench],
];
