import { serveForked } from '../../process/forked.js';
import { type FollowPlan, type FollowResult, followColdObject } from './follow-cold-object.js';

serveForked<FollowPlan, FollowResult>(followColdObject);
