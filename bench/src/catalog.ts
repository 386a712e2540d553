import type { Bench } from './bench.js';
import { edgeBench } from './edge/edge-bench.js';
import { insightBench } from './insight/insight-bench.js';
import { nodeSwarmBench } from './node-swarm/node-swarm-bench.js';
import { policyBench } from './policy/policy-bench.js';
import { savingsBench } from './savings/savings-bench.js';
import { sdkOffBench } from './sdk-off/sdk-off-bench.js';
import { simulateBench } from './simulate/simulate-bench.js';
import { swarmBench } from './swarm/swarm-bench.js';

/** Every bench that `npm run bench -- NAME` knows. */
export const BENCHES: readonly Bench[] = [
  ...[edgeBench, insightBench, nodeSwarmBench, policyBench],
  ...[savingsBench, sdkOffBench, simulateBench, swarmBench],
];
