import { expect, it } from 'vitest';
import { fakeTime } from '../testing/fake-time.js';
import { MemoryNetwork } from './memory-transport.js';
import type { ConnectionEvents, PeerConnection } from './transport.js';
import { describeTransport } from './transport-contract.js';

describeTransport('memory transport', () => {
  const time = fakeTime();
  const network = new MemoryNetwork(time);
  return {
    alice: network.transport({ latencyMs: 10, uploadBytesPerSecond: 10e6 }),
    bob: network.transport({ latencyMs: 10 }),
    until: (condition) => time.advanceUntil(condition),
    calm: () => time.advance(100),
  };
});

const silent: ConnectionEvents = {
  onSignal: () => {},
  onOpen: () => {},
  onMessage: () => {},
  onDrain: () => {},
  onClose: () => {},
};

it('takes the time that its latency and its bandwidth say', async () => {
  const time = fakeTime();
  const network = new MemoryNetwork(time);
  const arrivals: number[] = [];
  let alice: PeerConnection | undefined;
  const bob = network.transport({ latencyMs: 20 }).connect(
    { offer: false, iceServers: [] },
    {
      ...silent,
      onMessage: () => arrivals.push(time.clock.now()),
      onSignal: (text) => alice?.signal(text),
    },
  );
  alice = network
    .transport({ latencyMs: 30, uploadBytesPerSecond: 1e6 })
    .connect({ offer: true, iceServers: [] }, { ...silent, onSignal: (text) => bob.signal(text) });
  await time.advance(50);
  alice.send(new Uint8Array(1000));
  alice.send(new Uint8Array(2000));
  await time.advance(1000);
  expect(arrivals).toEqual([50 + 1 + 30, 50 + 3 + 30]);
});

it('loses its connections on demand, on both sides', async () => {
  const time = fakeTime();
  const network = new MemoryNetwork(time);
  const closed: string[] = [];
  const device = network.transport();
  const bob = network
    .transport()
    .connect(
      { offer: false, iceServers: [] },
      { ...silent, onClose: (reason) => closed.push(`bob: ${reason}`) },
    );
  device.connect(
    { offer: true, iceServers: [] },
    { ...silent, onSignal: (text) => bob.signal(text), onClose: (reason) => closed.push(`alice: ${reason}`) },
  );
  await time.advance(50);
  device.cut();
  expect(closed).toEqual(['alice: the network is gone', 'bob: the network is gone']);
});

it('gives up when the other side never answers', async () => {
  const time = fakeTime();
  const closed: string[] = [];
  new MemoryNetwork(time)
    .transport()
    .connect({ offer: true, iceServers: [] }, { ...silent, onClose: (reason) => closed.push(reason) });
  await time.advance(7_999);
  expect(closed).toEqual([]);
  await time.advance(1);
  expect(closed).toEqual(['no channel within 8000 ms']);
  expect(time.pending).toBe(0);
});
