import { serveForked } from '../process/forked.js';
import { type SwarmPlan, type SwarmResult, watchTogether } from './watch-together.js';

// Origin and edge are children of this process: it has to end them before it ends.
const controller = new AbortController();
let done = false;
process.once('SIGTERM', () => controller.abort());
process.once('disconnect', () => {
  // WebRTC's threads would keep the process.
  if (done) process.exit();
  controller.abort();
});

serveForked<SwarmPlan, SwarmResult>(async (plan, tell) => {
  const result = await watchTogether(plan, { tell, signal: controller.signal });
  done = true;
  return result;
});
