import type { OpenLoopResult } from '../load/open-loop/run-open-loop.js';
import { serveForked } from '../process/forked.js';
import { type AdLoadPlan, runAdLoad } from './ad-load.js';

serveForked<AdLoadPlan, OpenLoopResult>((plan, tell) => runAdLoad(plan, () => tell('ready')));
