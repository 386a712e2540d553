import type { Bench } from './bench.js';
import { edgeBench } from './edge/edge-bench.js';

/** Every bench that `npm run bench -- NAME` knows. */
export const BENCHES: readonly Bench[] = [edgeBench];
