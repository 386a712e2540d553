import { serveForked } from '../../process/forked.js';
import { type LivePlan, type LiveResult, watchLive } from './watch-live.js';

serveForked<LivePlan, LiveResult>(watchLive);
