import { expect, it } from 'vitest';
import { turnValues } from './turn.js';
import { type Counters, usageBetween } from './usage.js';

const load = { requests: 1000, bytes: 1_200_000, seconds: 2, p50Ms: 1, p99Ms: 9 };
const before: Counters = {
  timeMs: 5_000,
  serverSeconds: 10,
  ownSeconds: 1,
  loadSeconds: 4,
  machine: { busySeconds: 100, stolenSeconds: 3 },
  originRequests: 7,
};
const after: Counters = {
  timeMs: 7_000,
  serverSeconds: 11.5,
  ownSeconds: 1.1,
  loadSeconds: 5,
  machine: { busySeconds: 103, stolenSeconds: 3.2 },
  originRequests: 7,
};
const who = { name: 'peer', objectBytes: 1024 };
const usage = usageBetween(before, after);

it('divides by time and by requests, and says who else used the machine', () => {
  const values = turnValues(load, usage, who);
  expect(values).toMatchObject({ bytesPerSecond: 600_000, requestsPerSecond: 500, p50Ms: 1, p99Ms: 9 });
  expect(values.cpuPerRequestUs).toBeCloseTo(1500);
  expect(values.serverCores).toBeCloseTo(0.75);
  expect(values.loadCores).toBeCloseTo(0.5);
  expect(values.otherCores).toBeCloseTo(0.2);
  expect(values.stolenCores).toBeCloseTo(0.1);
});

it('believes no turn with short bodies', () => {
  expect(() => turnValues({ ...load, bytes: 1_023_999 }, usage, who)).toThrowError(/sent 1023999 bytes/);
});

it('believes no turn in which the origin was asked', () => {
  const asked = usageBetween(before, { ...after, originRequests: 8 });
  expect(() => turnValues(load, asked, who)).toThrowError(/asked its origin 1 times/);
});
