import { setPriority } from 'node:os';
import { serveForked } from '../process/forked.js';
import { playRegions, type RegionsPlan, type RegionsResult } from './play.js';

/** Pages that other work on this machine keeps waiting measure that work. Inherited by everything started here. */
const NICENESS = -10;
try {
  setPriority(NICENESS);
} catch {
  // Only root may.
}

// Servers and browsers are children of this process: it has to end them before it ends.
const controller = new AbortController();
process.once('SIGTERM', () => controller.abort());
process.once('disconnect', () => controller.abort());

serveForked<RegionsPlan, RegionsResult>((plan, tell) =>
  playRegions(plan, { tell, signal: controller.signal }),
);
