import { parentPort, workerData } from 'node:worker_threads';
import { describeError, OriginError } from '../errors.js';
import { parseMetadata } from './parse-boxes.js';

/** Entry of the thread that `parse-thread` starts. Posts one `ParseReply`. */
try {
  parentPort?.postMessage({ tracks: parseMetadata(workerData) });
} catch (error) {
  const code = error instanceof OriginError ? error.code : 'bad-box';
  const message =
    error instanceof OriginError ? error.message : `The file is damaged: ${describeError(error)}`;
  parentPort?.postMessage({ failure: { code, message } });
}
