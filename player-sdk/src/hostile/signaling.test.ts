import wrtc from '@roamhq/wrtc';
import { afterEach, describe, expect, it } from 'vitest';
import { type FakeTime, fakeTime } from '../testing/fake-time.js';
import { realTimers, until } from '../testing/real-time.js';
import { SimplePeerTransport } from '../transport/simple-peer-transport.js';
import type { PeerConnection } from '../transport/transport.js';

/** Over real WebRTC. What the edge keeps away from players: `edge/src/swarm/swarm-hostile.test.ts`. */

interface Side {
  readonly connection: PeerConnection;
  readonly signals: string[];
  readonly closed: string[];
  opened: boolean;
}

const sides: Side[] = [];
afterEach(() => {
  for (const { connection } of sides.splice(0)) connection.close();
});

function side(offer: boolean, time?: FakeTime): Side {
  const heard = { signals: [] as string[], closed: [] as string[], opened: false };
  const connection = new SimplePeerTransport({ timers: time?.timers ?? realTimers, wrtc }).connect(
    { offer, iceServers: [] },
    {
      onSignal: (payload) => heard.signals.push(payload),
      onOpen: () => {
        made.opened = true;
      },
      onMessage: () => {},
      onDrain: () => {},
      onClose: (reason) => heard.closed.push(reason),
    },
  );
  const made: Side = Object.assign(heard, { connection });
  sides.push(made);
  return made;
}

const descriptionOf = ({ signals }: Side): string | undefined =>
  signals.find((text) => text.includes('"sdp"'));

async function described(made: Side): Promise<string> {
  await until(() => descriptionOf(made) !== undefined);
  return descriptionOf(made) ?? '';
}

/** Carries what each says to the other, as often as it is called. */
function carrier(one: Side, other: Side): () => void {
  const carried = { one: 0, other: 0 };
  return () => {
    while (carried.one < one.signals.length) other.connection.signal(one.signals[carried.one++] ?? '');
    while (carried.other < other.signals.length) one.connection.signal(other.signals[carried.other++] ?? '');
  };
}

async function open(one: Side, other: Side): Promise<void> {
  const carry = carrier(one, other);
  await until(() => {
    carry();
    return one.opened && other.opened;
  });
}

const MEDIA =
  'm=video 9 UDP/TLS/RTP/SAVPF 96\r\nc=IN IP4 0.0.0.0\r\na=rtpmap:96 VP8/90000\r\na=mid:1\r\na=sendonly\r\n';

describe('replayed signaling', () => {
  it.each<[string, boolean]>([
    ['while the channel is open', true],
    ['before it is', false],
  ])('the same offer again %s: the connection closes', async (_, first) => {
    const [ann, mallory] = [side(false), side(true)];
    const offer = await described(mallory);
    if (first) await open(mallory, ann);
    else ann.connection.signal(offer);
    ann.connection.signal(offer);
    expect(ann.closed).toHaveLength(1);
    expect(() => ann.connection.signal(offer)).not.toThrow();
  });

  it("another one's answer opens nothing: it is bound to keys that its repeater does not have", async () => {
    const time = fakeTime();
    const [ann, ben] = [side(true), side(false)];
    await described(ann);
    await open(ann, ben);
    const again = side(true, time);
    await described(again);
    for (const signal of ben.signals) again.connection.signal(signal);
    // As long as an honest pair takes.
    const [cat, dan] = [side(true), side(false)];
    await open(cat, dan);
    expect(again.opened).toBe(false);
    await time.advance(8_000);
    expect(again.closed).toHaveLength(1);
  });
});

describe('forged signaling', () => {
  it('an offer to the one who offers: the connection closes', async () => {
    const [ann, mallory] = [side(true), side(true)];
    ann.connection.signal(await described(mallory));
    expect(ann.closed).toHaveLength(1);
  });

  it('an answer to the one who waits for an offer: the connection closes', async () => {
    const [ann, ben, cat] = [side(true), side(false), side(false)];
    ben.connection.signal(await described(ann));
    cat.connection.signal(await described(ben));
    expect(cat.closed).toHaveLength(1);
  });

  it.each([
    ['with video beside the channel', (sdp: string) => `${sdp}${MEDIA}`],
    ['with video in place of the channel', (sdp: string) => sdp.replace(/m=application [\s\S]*/, MEDIA)],
    ['with two channels', (sdp: string) => `${sdp}${/m=application [\s\S]*/.exec(sdp)?.[0] ?? ''}`],
    ['with a line end that hides it', (sdp: string) => `${sdp}a=x\r${MEDIA.replaceAll('\r\n', '\n')}`],
  ])('an offer %s: nothing is negotiated, the connection closes', async (_, change) => {
    const [ann, mallory] = [side(false), side(true)];
    const offer: { type: string; sdp: string } = JSON.parse(await described(mallory));
    ann.connection.signal(JSON.stringify({ ...offer, sdp: change(offer.sdp) }));
    expect(ann.closed).toHaveLength(1);
    expect(ann.signals).toEqual([]);
  });

  it.each([
    ['a wish to negotiate again', '{"type":"renegotiate","renegotiate":true}'],
    ['a wish for media', '{"type":"transceiverRequest","transceiverRequest":{"kind":"video"}}'],
    ['one beside a candidate', '{"candidate":{},"renegotiate":true}'],
    ['a description taken back', '{"type":"rollback","sdp":""}'],
  ])('%s: the connection closes', async (_, payload) => {
    const [ann, mallory] = [side(false), side(true)];
    await open(mallory, ann);
    ann.connection.signal(payload);
    expect(ann.closed).toHaveLength(1);
  });

  it('candidates without end: the connection closes', async () => {
    const ann = side(false);
    const candidate = JSON.stringify({
      type: 'candidate',
      candidate: { candidate: 'candidate:1 1 udp 1 127.0.0.1 9 typ host', sdpMLineIndex: 0, sdpMid: '0' },
    });
    for (let count = 0; count < 128; count++) ann.connection.signal(candidate);
    expect(ann.closed).toEqual([]);
    ann.connection.signal(candidate);
    expect(ann.closed).toEqual(['too many signals']);
  });
});

describe('oversized SDP', () => {
  it.each([
    ['padding', (sdp: string) => `${sdp}a=x:${'x'.repeat(16 * 1024)}\r\n`],
    ['candidates', (sdp: string) => `${sdp}${'a=candidate:1 1 udp 1 10.0.0.1 9 typ host\r\n'.repeat(400)}`],
  ])('by %s: not parsed, the connection closes', async (_, change) => {
    const [ann, mallory] = [side(false), side(true)];
    const offer: { type: string; sdp: string } = JSON.parse(await described(mallory));
    ann.connection.signal(JSON.stringify({ ...offer, sdp: change(offer.sdp) }));
    expect(ann.closed).toHaveLength(1);
    expect(ann.signals).toEqual([]);
  });
});
