import { afterEach, expect, it } from 'vitest';
import { type CountingOrigin, startCountingOrigin } from './counting-origin.js';
import { stampedContent } from './stamped-content.js';

const opened: CountingOrigin[] = [];
afterEach(async () => {
  for (const origin of opened.splice(0)) await origin.close();
});
const start = async (pacing?: { pieces: number; everyMs: number }): Promise<CountingOrigin> => {
  const origin = await startCountingOrigin((target) =>
    target.startsWith('/a')
      ? {
          contentType: 'video/mp4',
          body: stampedContent(target, 10_001),
          cacheControl: 'max-age=60',
          ...(pacing === undefined ? {} : { pacing }),
        }
      : undefined,
  );
  opened.push(origin);
  return origin;
};

it('counts each target apart', async () => {
  const origin = await start();
  for (const path of ['/a1', '/a1', '/a2', '/else']) await (await fetch(origin.url + path)).arrayBuffer();
  expect(['/a1', '/a2', '/else', '/none'].map(origin.requestsOf)).toEqual([2, 1, 1, 0]);
  expect(origin.requests()).toBe(4);
  expect(origin.targets()).toEqual(['/a1', '/a2', '/else']);
});

it('sends a paced body whole, and not before its time', async () => {
  const origin = await start({ pieces: 4, everyMs: 20 });
  const started = performance.now();
  const answer = await fetch(`${origin.url}/a`);
  const bytes = Buffer.from(await answer.arrayBuffer());
  expect(performance.now() - started).toBeGreaterThanOrEqual(79);
  expect(bytes.equals(stampedContent('/a', 10_001))).toBe(true);
});
