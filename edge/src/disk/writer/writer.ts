import { Worker } from 'node:worker_threads';
import { type DiskFileSystem, nodeFileSystem } from '../file-system.js';
import { Ring } from './ring.js';
import type { PlaceOrder, PlaceResults, WriterData } from './writer-messages.js';

export interface WriterOptions {
  /** Of memory for what is on its way to the thread. Larger files go another way. */
  readonly ringBytes: number;
}

/** The real file system, whose new files are written by a thread of their own. */
export interface Writer {
  readonly files: DiskFileSystem;
  /** After the last write has ended. */
  close(): Promise<void>;
}

interface Placing {
  readonly from: string;
  readonly to: string;
  readonly parts: readonly Uint8Array[];
  readonly bytes: number;
  readonly done: () => void;
  readonly failed: (error: Error) => void;
}

const DEFAULTS: WriterOptions = { ringBytes: 16 * 1024 * 1024 };

/**
 * Through the pool a small file costs the thread that owns the sockets four calls and as many turns; here, a copy into
 * shared memory and a share of a message. The order of the calls is kept. Should the thread die, files go through the
 * pool again.
 */
export function startWriter(options: WriterOptions = DEFAULTS): Writer {
  const memory = new SharedArrayBuffer(options.ringBytes);
  const bytes = new Uint8Array(memory);
  const ring = new Ring({ bytes: options.ringBytes });
  const workerData: WriterData = { ring: memory };
  const worker = new Worker(writerModule(), { workerData });
  worker.unref();
  /** In the ring, oldest first. */
  let sent: Placing[] = [];
  /** For which there is no room in it yet. */
  let waiting: Placing[] = [];
  let orders: PlaceOrder[] = [];
  let isAlive = true;

  function send(): void {
    const batch = orders;
    orders = [];
    if (isAlive && batch.length > 0) worker.postMessage(batch);
  }

  /** False: no room. */
  function order(placing: Placing): boolean {
    const at = ring.take(placing.bytes);
    if (at === undefined) return false;
    let end = at;
    for (const part of placing.parts) {
      bytes.set(part, end);
      end += part.length;
    }
    // Only what is under way keeps the process.
    if (sent.push(placing) === 1) worker.ref();
    if (orders.length === 0) setImmediate(send);
    orders.push({ at, bytes: placing.bytes, from: placing.from, to: placing.to });
    return true;
  }

  function orderWaiting(): void {
    let ordered = 0;
    for (const placing of waiting) {
      if (!order(placing)) break;
      ordered++;
    }
    waiting = waiting.slice(ordered);
  }

  worker.on('message', (results: PlaceResults) => {
    const ended = sent.slice(0, results.length);
    sent = sent.slice(results.length);
    ended.forEach((placing, index) => {
      ring.giveBackOldest();
      const failure = results[index];
      if (failure === undefined) placing.done();
      else placing.failed(Object.assign(new Error(failure.message), { code: failure.code }));
    });
    orderWaiting();
    if (sent.length === 0) worker.unref();
  });
  const died = (): void => {
    isAlive = false;
    const lost = [...sent, ...waiting];
    [sent, waiting, orders] = [[], [], []];
    for (const { failed } of lost) failed(new Error('the thread that writes to disk has ended'));
  };
  worker.on('error', died);
  worker.on('exit', died);

  return {
    files: {
      ...nodeFileSystem,
      place(from, to, parts) {
        const length = parts.reduce((sum, part) => sum + part.length, 0);
        if (!isAlive || length > options.ringBytes / 4) return nodeFileSystem.place(from, to, parts);
        return new Promise((done, failed) => {
          const placing: Placing = { from, to, parts, bytes: length, done, failed };
          if (waiting.length > 0 || !order(placing)) waiting.push(placing);
        });
      },
    },
    async close() {
      await worker.terminate();
    },
  };
}

/** Built also where this module is run from source: Node 20 cannot run TypeScript in a thread. */
function writerModule(): URL {
  const { url } = import.meta;
  return new URL(url.endsWith('.ts') ? '../../../dist/disk/writer/writer-main.js' : './writer-main.js', url);
}
