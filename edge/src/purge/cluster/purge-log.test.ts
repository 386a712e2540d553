import { expect, it } from 'vitest';
import { LocalHub } from '../../bus/local-bus.js';
import { systemClock } from '../../components.js';
import { member } from '../../testing/fake-members.js';
import { PurgingEdges, path, purgeLogContract } from './purge-log-contract.js';

const localNetwork = (hub: LocalHub = new LocalHub({ clock: systemClock })) => ({
  connect: async () => hub.connect(),
  down: async () => hub.setUp(false),
  up: async () => hub.setUp(true),
  close: async () => {},
});

purgeLogContract('in this process', async () => localNetwork());

it('an edge that was away longer than the log reaches back purges everything', async () => {
  const hub = new LocalHub({ clock: systemClock });
  const edges = new PurgingEdges(localNetwork(hub));
  const one = await edges.enter(member('a'), []);
  const other = await edges.enter(member('b'), []);
  await one.log.send(path('/1'));
  await other.purge.holds(1);
  await other.stop();
  for (const name of ['/2', '/3', '/4']) await one.log.send(path(name));
  hub.forgetBefore('purges', 4);
  const back = await edges.enter(member('b'), [], { cursor: other.cursor });
  expect([back.purge.done, back.how, back.cursor.kept?.sequence]).toEqual([
    ['everything'],
    ['everything'],
    4,
  ]);
  await edges.close();
});

it('an edge that starts while the bus is away serves after a while, and replays what it finds then', async () => {
  const hub = new LocalHub({ clock: systemClock });
  const edges = new PurgingEdges(localNetwork(hub));
  const one = await edges.enter(member('a'), []);
  await one.log.send(path('/1'));
  hub.setUp(false);
  const late = await edges.enter(member('b'), [], { startsEmpty: true, startMs: 10 });
  expect(late.trouble.length).toBeGreaterThan(0);
  hub.setUp(true);
  expect(await late.purge.holds(1)).toEqual(['everything']);
  await edges.close();
});

it('where the disk does not confirm a purge, a later start carries it out once more', async () => {
  const edges = new PurgingEdges(localNetwork());
  const one = await edges.enter(member('a'), []);
  await one.log.send(path('/1'));
  one.purge.until = Promise.reject(Object.assign(new Error('disk'), { code: 'purge-not-durable' }));
  await one.log.send(path('/2'));
  one.purge.until = Promise.resolve();
  await one.log.send(path('/3'));
  expect(one.how).toEqual(['in-order', 'not-durable', 'in-order']);
  await one.stop();
  const back = await edges.enter(member('a'), [], { cursor: one.cursor });
  expect(back.purge.done).toEqual(['/2', '/3']);
  await edges.close();
});
