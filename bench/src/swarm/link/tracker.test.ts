import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { startTracker, type Tracker } from './tracker.js';

let tracker: Tracker;
const open: WebSocket[] = [];

beforeEach(async () => {
  tracker = await startTracker(() => 0);
});
afterEach(async () => {
  for (const socket of open.splice(0)) socket.terminate();
  await tracker.stop();
});

/** A member of the swarm, with everything it hears. */
async function member(
  id: string,
): Promise<{ say: (words: object) => void; heard: Record<string, unknown>[] }> {
  const socket = new WebSocket(`ws://127.0.0.1:${tracker.port}/`);
  open.push(socket);
  await new Promise((resolve) => socket.once('open', resolve));
  const heard: Record<string, unknown>[] = [];
  socket.on('message', (data) => heard.push(JSON.parse(String(data)) as Record<string, unknown>));
  const say = (words: object): void =>
    socket.send(JSON.stringify({ action: 'announce', info_hash: 'swarm', peer_id: id, ...words }));
  return { say, heard };
}

describe('the tracker', () => {
  it("hands an offer to another member and the answer back to the offer's", async () => {
    const [first, second] = [await member('first'), await member('second')];
    first.say({ offers: [] });
    await expect.poll(() => first.heard.length).toBe(1);
    second.say({ offers: [{ offer: 'sdp', offer_id: 'one' }] });
    await expect
      .poll(() => first.heard[1])
      .toMatchObject({ offer: 'sdp', offer_id: 'one', peer_id: 'second' });
    first.say({ answer: 'yes', offer_id: 'one', to_peer_id: 'second' });
    await expect
      .poll(() => second.heard[1])
      .toMatchObject({ answer: 'yes', offer_id: 'one', peer_id: 'first' });
  });

  it('hands nobody their own offer, nor one to who has left', async () => {
    const [first, second] = [await member('first'), await member('second')];
    first.say({ offers: [] });
    first.say({ event: 'stopped' });
    await expect.poll(() => first.heard.length).toBe(1);
    second.say({ offers: [{ offer: 'sdp', offer_id: 'one' }] });
    await expect.poll(() => second.heard.length).toBe(1);
    second.say({ info_hash: 'another' });
    await expect.poll(() => second.heard.length).toBe(2);
    expect([first.heard.length, second.heard.some(({ offer }) => offer !== undefined)]).toEqual([1, false]);
  });
});
