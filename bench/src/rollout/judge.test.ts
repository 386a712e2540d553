import { expect, it } from 'vitest';
import { judge } from './judge.js';
import type { EdgeState, LoadResult, Phase } from './phase.js';
import { STEPS, type Step } from './steps.js';

const edge = (changed: Partial<EdgeState> = {}): EdgeState => ({
  ...{ version: 'one', ready: true, pid: 10, releases: ['one'], user: 'eddy-edge' },
  ...changed,
});
const quiet: LoadResult = {
  name: 'nginx',
  requests: {
    ...{ requests: 900, sent: 900, bytes: 1, seconds: 9, failed: 0, latenessP99Ms: 1 },
    ...{ p50Ms: 1, p99Ms: 2, maxMs: 3 },
  },
  watched: { playedSeconds: 20, longestWaitSeconds: 2.1, complaints: [] },
};
const phase = (changed: Partial<Phase> = {}): Phase => ({
  ...{ name: 'x', seconds: 9, ok: true, said: '', load: [quiet] },
  before: { a: edge(), b: edge({ pid: 11 }) },
  after: { a: edge(), b: edge({ pid: 11 }) },
  ...changed,
});

function stepNamed(name: string): Step {
  const step = STEPS.find((candidate) => candidate.name === name);
  if (step === undefined) throw new Error(`no step ${name}`);
  return step;
}
const unmet = (name: string, seen: Phase): string[] =>
  judge(stepNamed(name), seen).flatMap(({ met, text }) => (met ? [] : [text]));

const upgraded = { a: edge({ pid: 20, version: 'two' }), b: edge({ pid: 21, version: 'two' }) };
const failed = 'eu-1 did not take dies (Wait until the edge is ready: no);\n it runs one again';

it('is content with what should have come', () => {
  expect(unmet('the same again', phase())).toEqual([]);
  expect(unmet('upgrade', phase({ after: upgraded }))).toEqual([]);
  const after = { a: edge({ pid: 30 }), b: edge({ pid: 11 }) };
  expect(unmet('a version that dies', phase({ ok: false, said: failed, after }))).toEqual([]);
});

it.each([
  [
    'a host that was left out',
    'upgrade',
    phase({ after: { ...upgraded, b: edge({ pid: 11 }) } }),
    /2 edges run two/,
  ],
  [
    'a host touched for nothing',
    'the same again',
    phase({ after: { ...phase().after, a: edge({ pid: 9 }) } }),
    /none restarted/,
  ],
  [
    'a second host touched by a bad version',
    'a version that dies',
    phase({ ok: false, said: failed, after: { a: edge({ pid: 30 }), b: edge({ pid: 31 }) } }),
    /1 restarted/,
  ],
  ['a bad version that passes', 'a version that dies', phase(), /stops and says why/],
  [
    'another reason',
    'wrong settings',
    phase({ ok: false, said: 'ssh: no route to host' }),
    /stops and says why/,
  ],
  [
    'a request that failed',
    'the same again',
    phase({ load: [{ ...quiet, requests: { ...quiet.requests, failed: 1 } }] }),
    /no request fails/,
  ],
  [
    'a load that was none',
    'the same again',
    phase({ load: [{ ...quiet, requests: { ...quiet.requests, sent: 0 } }] }),
    /no request fails/,
  ],
  [
    'a player that complained',
    'the same again',
    phase({ load: [{ ...quiet, watched: { ...quiet.watched, complaints: ['HTTP error 502'] } }] }),
    /play on/,
  ],
  [
    'an edge that runs as root',
    'the same again',
    phase({ after: { a: edge({ user: 'root' }), b: edge({ pid: 11 }) } }),
    /edges run one/,
  ],
  [
    'one away that should serve',
    'maintenance ends',
    phase({ after: { a: edge({ ready: false }), b: edge({ pid: 11 }) } }),
    /all ready/,
  ],
] as const)('notices %s', (_, step, seen, what) => {
  expect(unmet(step, seen).join()).toMatch(what);
});
