import { expect, it } from 'vitest';
import { fakeTime } from '../testing/fake-time.js';
import { RelayAccount } from './relay-account.js';

type Report = Readonly<Record<string, unknown>>;

const CANDIDATES: readonly Report[] = [
  { id: 'own', type: 'local-candidate', candidateType: 'srflx' },
  { id: 'ownRelay', type: 'local-candidate', candidateType: 'relay' },
  { id: 'other', type: 'remote-candidate', candidateType: 'prflx' },
  { id: 'direct', type: 'candidate-pair', localCandidateId: 'own', remoteCandidateId: 'other' },
  // Nominated as well, and given up since.
  {
    ...{ id: 'relayed', type: 'candidate-pair', nominated: true, state: 'succeeded' },
    ...{ localCandidateId: 'ownRelay', remoteCandidateId: 'other' },
  },
];
const uses = (pair: string): Report[] => [
  ...CANDIDATES,
  { id: 'T', type: 'transport', selectedCandidatePairId: pair },
];

function open(first: readonly Report[]): {
  readonly account: RelayAccount;
  readonly time: ReturnType<typeof fakeTime>;
  readonly relayed: () => number;
  reports: readonly Report[];
} {
  const time = fakeTime();
  let bytes = 0;
  const opened = { reports: first, time, relayed: () => bytes };
  const account = new RelayAccount({
    timers: time.timers,
    connection: { getStats: async () => opened.reports },
    onRelayed: (count) => {
      bytes += count;
    },
  });
  return Object.assign(opened, { account });
}

it('counts what goes through a relay, and nothing that goes direct', async () => {
  const [relay, direct] = [open(uses('relayed')), open(uses('direct'))];
  for (const { account, time } of [relay, direct]) {
    await time.advance(0);
    account.add(100);
  }
  expect([relay.relayed(), direct.relayed()]).toEqual([100, 0]);
});

it('judges what went before the pair was named', async () => {
  const late = open(CANDIDATES);
  late.account.add(100);
  await late.time.advance(400);
  late.reports = uses('relayed');
  late.account.add(10);
  expect(late.relayed()).toBe(0);
  await late.time.advance(200);
  expect(late.relayed()).toBe(110);
});

it('follows the connection to another pair', async () => {
  const moved = open(uses('relayed'));
  await moved.time.advance(0);
  moved.account.add(100);
  moved.reports = uses('direct');
  await moved.time.advance(10_000);
  moved.account.add(1_000);
  expect(moved.relayed()).toBe(100);
});

it('takes the pair that Firefox marks', async () => {
  const marked = open(CANDIDATES.map((report) => ({ ...report, selected: report.id === 'relayed' })));
  await marked.time.advance(0);
  marked.account.add(7);
  expect(marked.relayed()).toBe(7);
});

it('asks nothing once it is closed, and nothing of a connection that does not tell', async () => {
  const closed = open(uses('direct'));
  await closed.time.advance(0);
  closed.account.close();
  expect(closed.time.pending).toBe(0);
  const time = fakeTime();
  new RelayAccount({ timers: time.timers, connection: undefined, onRelayed: () => {} }).add(1);
  await time.advance(60_000);
  expect(time.pending).toBe(0);
});
