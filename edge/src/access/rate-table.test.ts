import { existsSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TokenBucket } from '../swarm/sockets/token-bucket.js';
import { RateTable, rateTableBytes } from './rate-table.js';

/** Threads run what is built. */
const BUILT = new URL('../../dist/access/rate-table.js', import.meta.url);

const table = (clients = 1024): RateTable => new RateTable({ clients, seed: 7 });

describe('a rate table', () => {
  it('lets a burst through, then the rate, and says how long to wait', () => {
    const rates = table();
    const rate = { perSecond: 10, burst: 3 };
    expect([1, 2, 3].map(() => rates.take('a', rate, 5000))).toEqual([0, 0, 0]);
    expect(rates.take('a', rate, 5000)).toBe(100);
    expect(rates.take('a', rate, 5060)).toBe(40);
    expect(rates.take('b', rate, 5060)).toBe(0);
    expect(rates.take('a', rate, 5100)).toBe(0);
    expect(rates.take('a', rate, 5100)).toBe(100);
  });

  it('decides as a bucket of its own for each client would', () => {
    const steps = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.integer({ min: 0, max: 900 })));
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 9 }), fc.integer(), (asked, burst, epoch) => {
        const rates = table();
        // 16 requests a second: a step is a whole number of ticks, so that both count alike.
        const rate = { perSecond: 16, burst };
        const buckets = new Map<string, TokenBucket>();
        let now = Math.abs(epoch);
        for (const [client, waitMs] of asked) {
          now += waitMs;
          const bucket = buckets.get(client) ?? new TokenBucket({ capacity: burst, perSecond: 16 }, now);
          buckets.set(client, bucket);
          expect(rates.take(client, rate, now) === 0).toBe(bucket.take(1, now));
        }
      }),
    );
  });

  it('remembers a client through a flood of others that it lets in, and never grows', () => {
    const memory = new ArrayBuffer(rateTableBytes(1024));
    const rates = new RateTable({ clients: 1024, seed: 3, memory });
    const rate = { perSecond: 1, burst: 50 };
    for (let count = 0; count < 50; count++) rates.take('busy', rate, 1000);
    for (let other = 0; other < 100_000; other++) rates.take(`10.${other}`, rate, 1000);
    expect(rates.take('busy', rate, 1000)).toBeGreaterThan(0);
    expect(memory.byteLength).toBe(8192);
  });

  it('is not confused by a clock set back, nor by its numbers wrapping', () => {
    const rates = table();
    const rate = { perSecond: 1, burst: 2 };
    const day = 86_400_000;
    for (const now of [day * 20_000, day * 20_000 - 3_600_000, day * 20_003, day * 20_010]) {
      expect([rates.take('a', rate, now), rates.take('a', rate, now)]).toEqual([0, 0]);
      expect(rates.take('a', rate, now)).toBe(1000);
    }
  });

  it.skipIf(!existsSync(BUILT))('counts once for several threads that share its memory', async () => {
    const memory = new SharedArrayBuffer(rateTableBytes(64));
    const script = `
      const { parentPort, workerData } = require('node:worker_threads');
      (async () => {
        const { RateTable } = await import(workerData.module);
        const table = new RateTable({ clients: 64, seed: 1, memory: workerData.memory });
        parentPort.postMessage('ready');
        parentPort.once('message', () => {
          let taken = 0;
          for (let count = 0; count < 20000; count++) {
            if (table.take('a', { perSecond: 1, burst: 5000 }, 0) === 0) taken++;
          }
          parentPort.postMessage(taken);
        });
      })();`;
    const workers = [1, 2].map(
      () => new Worker(script, { eval: true, workerData: { module: BUILT.href, memory } }),
    );
    const next = (worker: Worker): Promise<unknown> =>
      new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
    await Promise.all(workers.map(next));
    const counts = workers.map(next);
    for (const worker of workers) worker.postMessage('go');
    const taken = (await Promise.all(counts)).map(Number);
    expect(taken.reduce((sum, count) => sum + count, 0)).toBe(5000);
    await Promise.all(workers.map((worker) => worker.terminate()));
  });
});
