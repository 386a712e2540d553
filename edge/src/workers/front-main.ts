import { parentPort, workerData } from 'node:worker_threads';
import { runFront } from './front.js';

if (parentPort !== null) runFront(parentPort, workerData);
