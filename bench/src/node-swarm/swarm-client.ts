import { serveForked } from '../process/forked.js';
import { type SwarmPlan, type SwarmResult, watchTogether } from './watch-together.js';

// Origin and edge are children of this process: it has to end them.
const controller = new AbortController();
process.once('SIGTERM', () => controller.abort());
process.once('disconnect', () => controller.abort());

serveForked<SwarmPlan, SwarmResult>((plan, tell) => watchTogether(plan, { tell, signal: controller.signal }));
