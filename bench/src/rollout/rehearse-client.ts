import { serveForked } from '../process/forked.js';
import { type Rehearsal, type RehearsalPlan, rehearse } from './rehearse.js';

serveForked<RehearsalPlan, Rehearsal>(rehearse);
