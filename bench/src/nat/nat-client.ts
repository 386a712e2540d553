import { serveForked } from '../process/forked.js';
import type { NatRowResult } from './result.js';
import { type NatPlan, watchRows } from './watch-rows.js';

// Servers and viewers are children of this process: it has to end them before it ends.
const controller = new AbortController();
process.once('SIGTERM', () => controller.abort());
process.once('disconnect', () => controller.abort());

serveForked<NatPlan, NatRowResult[]>((plan, tell) => watchRows(plan, { tell, signal: controller.signal }));
