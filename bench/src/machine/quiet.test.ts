import { expect, it } from 'vitest';
import { Patience, waitForQuiet } from './quiet.js';

function machine(busyCoresBySample: readonly number[]) {
  let time = 0;
  let busySeconds = 100;
  let sample = 0;
  return {
    samples: () => sample,
    components: {
      now: () => time,
      readTime: async () => ({ busySeconds, stolenSeconds: 0 }),
      sleep: async (milliseconds: number) => {
        time += milliseconds;
        busySeconds += ((busyCoresBySample[sample++] ?? 2) * milliseconds) / 1000;
      },
    },
  };
}
const options = { limitCores: 0.2, patienceMs: 1000, sampleMs: 250 };

it('goes on as soon as others are quiet', async () => {
  const { components, samples } = machine([1.5, 0.9, 0.1, 2]);
  expect(await waitForQuiet(components, options)).toBe('quiet');
  expect(samples()).toBe(3);
});

it('goes on anyway when patience ends', async () => {
  const { components, samples } = machine([]);
  expect(await waitForQuiet(components, options)).toBe('busy');
  expect(samples()).toBe(4);
});

it('runs out of patience once, and not below nothing', () => {
  const patience = new Patience(1000);
  patience.spend(400);
  expect(patience.leftMs).toBe(600);
  patience.spend(900);
  expect(patience.leftMs).toBe(0);
});
