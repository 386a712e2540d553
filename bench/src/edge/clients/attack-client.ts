import { serveForked } from '../../process/forked.js';
import { type AttackPlan, type AttackResult, attack } from './attack.js';

serveForked<AttackPlan, AttackResult>(attack);
