import type { SwarmConfig } from '@eddy/protocol';
import { expect, it } from 'vitest';
import { FakeRoom } from '../testing/fake-room.js';
import { limitRoom } from './limited-room.js';

it.each([
  [0, 0, 0],
  [0, 500, 500],
  [400, 0, 400],
  [400, 500, 400],
  [600, 500, 500],
])('a site that caps uploads at %d and a page that does at %d make %d', (site, page, both) => {
  const room = new FakeRoom();
  const limited = limitRoom(room, { maxPeers: 3, uploadBytesPerSecond: page });
  const heard: SwarmConfig[] = [];
  limited.subscribe({
    onWelcome: ({ config }) => heard.push(config),
    onConfig: (config) => heard.push(config),
  });
  room.admit('me', { uploadBytesPerSecond: site });
  room.tell((events) => events.onConfig?.({ mode: 'leech', maxPeers: 2, uploadBytesPerSecond: site }));
  expect(heard).toEqual([
    { mode: 'on', maxPeers: 3, uploadBytesPerSecond: both },
    { mode: 'leech', maxPeers: 2, uploadBytesPerSecond: both },
  ]);
  expect(limited.welcome?.config.uploadBytesPerSecond).toBe(both);
});
