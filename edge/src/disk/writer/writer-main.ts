import fs from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { errorCode } from '../file-system.js';
import type { PlaceFailure, PlaceOrder, WriterData } from './writer-messages.js';

/** Told after so many, so that those who wait for room in the ring need not wait for a whole batch. */
const TELL_EVERY = 16;

/** This thread owns no sockets, so it may wait for the disk itself: four calls a file, and no way to the pool and back. */
function place({ at, bytes, from, to }: PlaceOrder, ring: Buffer): PlaceFailure | undefined {
  try {
    const file = fs.openSync(from, 'wx', 0o600);
    try {
      for (let done = 0; done < bytes; ) done += fs.writeSync(file, ring, at + done, bytes - done, done);
    } finally {
      fs.closeSync(file);
    }
    fs.renameSync(from, to);
    return undefined;
  } catch (error) {
    fs.rmSync(from, { force: true });
    return { code: errorCode(error), message: error instanceof Error ? error.message : String(error) };
  }
}

function run(port: NonNullable<typeof parentPort>, { ring: memory }: WriterData): void {
  const ring = Buffer.from(memory);
  port.on('message', (orders: readonly PlaceOrder[]) => {
    let results: (PlaceFailure | undefined)[] = [];
    orders.forEach((order, index) => {
      results.push(place(order, ring));
      if (results.length < TELL_EVERY && index < orders.length - 1) return;
      port.postMessage(results);
      results = [];
    });
  });
}

if (parentPort !== null) run(parentPort, workerData);
