/** The origin as a process of its own: `origin-process.js SHAPE` prints its address and serves until it is ended. */
import { startCountingOrigin } from '../origin/counting-origin.js';
import type { LiveShape } from '../origin/live-window.js';
import { streamAnswer } from './live-stream.js';

const shape: LiveShape = JSON.parse(process.argv[2] ?? '');
const origin = await startCountingOrigin((target) => streamAnswer(shape, target, Date.now()));
process.once('SIGTERM', () => void origin.close());
console.log(`serves ${origin.url}`);
