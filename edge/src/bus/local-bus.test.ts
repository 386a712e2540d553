import { expect, it } from 'vitest';
import { systemClock } from '../components.js';
import { busContract, bytes } from './bus-contract.js';
import { LocalHub } from './local-bus.js';

busContract('in this process', async () => {
  const hub = new LocalHub({ clock: systemClock });
  return {
    connect: async () => hub.connect(),
    down: async () => hub.setUp(false),
    up: async () => hub.setUp(true),
    close: async () => {},
  };
});

it('gives the next entry that it keeps for one that it forgot', async () => {
  const hub = new LocalHub({ clock: systemClock });
  const log = hub.connect().log('list');
  for (const id of ['1', '2', '3']) await log.append(id, bytes(id));
  hub.forgetBefore('list', 3);
  expect(await log.extent()).toMatchObject({ first: 3, last: 3 });
  expect(await log.read(1)).toMatchObject({ sequence: 3 });
});
