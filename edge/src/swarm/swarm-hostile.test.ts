import { MAX_SIGNAL_PAYLOAD_BYTES, MAX_SIGNALING_BYTES, parseEdgeMessage } from '@eddy/protocol';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { DEFAULT_SWARM_CONFIG, DEFAULT_SWARM_LIMITS } from './config.js';
import { closeAll, JOIN, open, type Place, refusals, Viewer } from './testing/swarm-fixture.js';

/** Attacks on the meeting place and, through it, on players. Those on players: `player-sdk/src/hostile/`. */

afterEach(closeAll);

const PAIRS = { players: { mode: 'on', maxPeers: 1, uploadBytesPerSecond: 0 } } as const;

/** Ann and Mallory have been introduced. */
async function couple(place: Place): Promise<{ ann: Viewer; mallory: Viewer; names: [string, string] }> {
  const [ann, mallory] = [new Viewer(place), new Viewer(place)];
  const names: [string, string] = [await ann.join(), await mallory.join()];
  await ann.nextOf('peers');
  await mallory.nextOf('peers');
  return { ann, mallory, names };
}

/** Nothing has come that was not taken yet: what the edge says to a `leave` comes next. */
async function expectSilence(viewer: Viewer): Promise<void> {
  await viewer.settled();
  viewer.say({ type: 'join' });
  expect(await viewer.nextOf('error')).toMatchObject({ code: 'bad-message' });
}

describe('forged signaling', () => {
  it('carries the name of the socket that it came from, whatever it says itself', async () => {
    const place = await open();
    const { ann, mallory, names } = await couple(place);
    mallory.say({ type: 'signal', to: names[0], from: 'ben', peer: 'ben', payload: '{"sdp":"v=0"}' });
    expect(await ann.nextOf('signal')).toEqual({ type: 'signal', from: names[1], payload: '{"sdp":"v=0"}' });
  });

  it('reaches nobody whom the edge did not introduce, in the same room neither', async () => {
    const place = await open(PAIRS);
    const { ann, names } = await couple(place);
    const eve = new Viewer(place);
    await eve.join();
    for (const to of names) eve.say({ type: 'signal', to, payload: '{"sdp":"v=0"}' });
    await eve.settled();
    expect(await refusals(place, 'not-introduced')).toBe(2);
    await expectSilence(ann);
  });

  it('speaks for nobody: a departure and a failure are those of the socket that tells them', async () => {
    const place = await open();
    const { ann, mallory, names } = await couple(place);
    mallory.say({ type: 'peer-failed', peer: 'ben', from: names[0], reason: 'lost' });
    mallory.say({ type: 'leave', peer: names[0] });
    await mallory.closed;
    expect((await ann.nextOf('peers')).gone).toEqual([names[1]]);
    expect(place.service.stats().viewers).toBe(1);
  });
});

describe('replayed signaling', () => {
  it('of a pair that was given up is not carried', async () => {
    const place = await open();
    const { ann, mallory, names } = await couple(place);
    const offer = { type: 'signal', to: names[0], payload: '{"type":"offer","sdp":"v=0"}' };
    mallory.say(offer);
    await ann.nextOf('signal');
    ann.say({ type: 'peer-failed', peer: names[1], reason: 'misbehaved' });
    await mallory.nextOf('peers');
    for (let times = 0; times < 5; times++) mallory.say(offer);
    await mallory.settled();
    expect(await refusals(place, 'not-introduced')).toBe(5);
    await expectSilence(ann);
  });

  it('of another one does not get its repeater in: a join is for one socket, and gives a new name', async () => {
    const place = await open();
    const { ann, names } = await couple(place);
    const eve = new Viewer(place);
    const name = await eve.join({ viewer: JOIN.viewer, session: JOIN.session });
    expect(names).not.toContain(name);
    await ann.nextOf('peers');
    eve.say(JOIN);
    expect(await eve.nextOf('peers')).toMatchObject({ gone: [] });
    expect(await eve.nextOf('error')).toMatchObject({ code: 'already-joined' });
    expect((await ann.nextOf('peers')).gone).toEqual([name]);
  });
});

describe('oversized SDP', () => {
  it('ends its own socket and reaches nobody', async () => {
    const place = await open();
    const { ann, mallory, names } = await couple(place);
    mallory.say({ type: 'signal', to: names[0], payload: 'x'.repeat(MAX_SIGNAL_PAYLOAD_BYTES + 1) });
    expect(await mallory.nextOf('error')).toMatchObject({ code: 'bad-message', retry: false });
    expect(await mallory.closed).toMatchObject({ code: 1008 });
    expect((await ann.nextOf('peers')).gone).toEqual([names[1]]);
    await expectSilence(ann);
  });

  it('never becomes a message that a player takes for a broken edge, however it is escaped', async () => {
    const place = await open({ limits: { ...DEFAULT_SWARM_LIMITS, messageBurst: 1e6 } });
    const { ann, mallory, names } = await couple(place);
    const anything = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ maxLength: 9 })).map((text) => {
      const times = Math.floor(MAX_SIGNAL_PAYLOAD_BYTES / Math.max(1, text.length));
      return text.repeat(times);
    });
    await fc.assert(
      fc.asyncProperty(anything, async (payload) => {
        const message = JSON.stringify({ type: 'signal', to: names[0], payload });
        fc.pre(Buffer.byteLength(message) <= MAX_SIGNALING_BYTES);
        mallory.say(message);
        // The fixture reads what came as a player does, and throws where a player would leave.
        expect(await ann.nextOf('signal')).toMatchObject({ from: names[1] });
      }),
      { numRuns: 60, seed: 3 },
    );
    expect(parseEdgeMessage('{"type":"ice","iceServers":[]}')).toBeDefined();
  });
});

describe('floods', () => {
  const LIMITS = { ...DEFAULT_SWARM_LIMITS, messageBurst: 30, messagesPerSecond: 0.001 };
  const flood = async (say: (mallory: Viewer, ann: string, index: number) => void) => {
    const place = await open({ limits: LIMITS });
    const { ann, mallory, names } = await couple(place);
    for (let index = 0; index < 60; index++) say(mallory, names[0], index);
    const { code } = await mallory.closed;
    return { place, ann, code, name: names[1] };
  };

  it.each<[string, (ann: string, index: number) => unknown]>([
    ['candidates', (to) => ({ type: 'signal', to, payload: '{"candidate":{}}' })],
    ['signals to nobody', () => ({ type: 'signal', to: 'nobody', payload: '' })],
    ['wants', (_, index) => ({ type: 'want-digests', segments: [{ path: `/v/${index}.ts` }] })],
    ['failures', (_, index) => ({ type: 'peer-failed', peer: `p${index}`, reason: 'misbehaved' })],
    ['statuses', () => ({ type: 'status', positionMs: 1, uploads: [] })],
    ['tokens', (_, index) => ({ type: 'token', token: `${index}` })],
    ['words of another version', () => ({ type: 'dance' })],
  ])('of %s end their own socket, and the others talk on', async (_, message) => {
    const { place, ann, code, name } = await flood((mallory, to, index) => mallory.say(message(to, index)));
    expect(code).toBe(1008);
    expect(await refusals(place, 'too-fast')).toBe(1);
    let told = await ann.next();
    let carried = 0;
    for (; !(told instanceof Uint8Array) && told.type === 'signal'; told = await ann.next()) carried++;
    expect(carried).toBeLessThan(LIMITS.messageBurst);
    expect(told).toMatchObject({ type: 'peers', gone: [name] });
    await ann.settled();
  });

  it('of large messages are cut sooner: what is counted is bytes', async () => {
    const { ann, code } = await flood((mallory, to) =>
      mallory.say({ type: 'signal', to, payload: 'x'.repeat(MAX_SIGNAL_PAYLOAD_BYTES) }),
    );
    expect(code).toBe(1008);
    for (let carried = 0; carried < 5; carried++) await ann.nextOf('signal');
    expect((await ann.nextOf('peers')).gone).toHaveLength(1);
  });
});

describe('accusations', () => {
  it('part only the pair, and neither of the two from anybody else', async () => {
    const place = await open();
    const { ann, mallory, names } = await couple(place);
    const ben = new Viewer(place);
    const name = await ben.join();
    await ann.nextOf('peers');
    await mallory.nextOf('peers');
    await ben.nextOf('peers');
    mallory.say({ type: 'peer-failed', peer: names[0], reason: 'misbehaved' });
    expect(await ann.nextOf('peers')).toMatchObject({ gone: [names[1]], meet: [] });
    ben.say({ type: 'signal', to: names[0], payload: '{}' });
    expect(await ann.nextOf('signal')).toMatchObject({ from: name });
  });

  it('of somebody else are not heard', async () => {
    const place = await open({ ...DEFAULT_SWARM_CONFIG, ...PAIRS });
    const { ann, names } = await couple(place);
    const eve = new Viewer(place);
    await eve.join();
    for (const peer of names) eve.say({ type: 'peer-failed', peer, reason: 'misbehaved' });
    await eve.settled();
    await expectSilence(ann);
  });
});
