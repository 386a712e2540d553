import { serveForked } from '../../process/forked.js';
import { type OpenLoopPlan, type OpenLoopResult, runOpenLoop } from './run-open-loop.js';

serveForked<OpenLoopPlan, OpenLoopResult>((plan) => runOpenLoop(plan));
