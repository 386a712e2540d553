import wrtc from '@roamhq/wrtc';
import { describe, expect, it } from 'vitest';
import { fakeTime } from '../testing/fake-time.js';
import { realClock, realTimers, until } from '../testing/real-time.js';
import { SimplePeerTransport } from './simple-peer-transport.js';
import type { ConnectionEvents, PeerConnection } from './transport.js';
import { describeTransport } from './transport-contract.js';

const silent: ConnectionEvents = {
  onSignal: () => {},
  onOpen: () => {},
  onMessage: () => {},
  onDrain: () => {},
  onClose: () => {},
};

describeTransport('simple-peer transport', () => ({
  alice: new SimplePeerTransport({ timers: realTimers, wrtc }),
  bob: new SimplePeerTransport({ timers: realTimers, wrtc }),
  until,
  calm: () => new Promise((resolve) => setTimeout(resolve, 20)),
}));

describe('simple-peer transport', () => {
  it('gives up when the other side never answers', async () => {
    const time = fakeTime();
    const closed: string[] = [];
    new SimplePeerTransport({ timers: time.timers, wrtc }).connect(
      { offer: true, iceServers: [] },
      { ...silent, onClose: (reason) => closed.push(reason) },
    );
    await time.advance(7_999);
    expect(closed).toEqual([]);
    await time.advance(1);
    expect(closed).toEqual(['no channel within 8000 ms']);
    expect(time.pending).toBe(0);
  });

  it('says where there is no WebRTC, and closes instead of throwing', async () => {
    const transport = new SimplePeerTransport({ timers: realTimers });
    expect(transport.supported).toBe(false);
    const closed: string[] = [];
    transport.connect(
      { offer: true, iceServers: [] },
      { ...silent, onClose: (reason) => closed.push(reason) },
    );
    await until(() => closed.length === 1);
    expect(closed[0]).toContain('WebRTC');
  });

  it('moves megabytes, byte for byte', async () => {
    const totalBytes = 16 * 1024 * 1024;
    const messageBytes = 64 * 1024;
    const sent = Uint8Array.from({ length: totalBytes }, (_, index) => (index * 2654435761) >>> 24);
    const received = new Uint8Array(totalBytes);
    let receivedBytes = 0;
    let sentBytes = 0;
    let startedAt = 0;
    let opened = 0;
    const fill = (): void => {
      while (sentBytes < totalBytes) {
        const message = sent.slice(sentBytes, sentBytes + messageBytes);
        sentBytes += message.length;
        if (!alice.send(message)) return;
      }
    };
    // In @roamhq/wrtc what comes while the answering side is told of its channel may overtake what came before.
    const begin = (): void => {
      if (++opened < 2) return;
      startedAt = realClock.now();
      fill();
    };
    const alice: PeerConnection = new SimplePeerTransport({ timers: realTimers, wrtc }).connect(
      { offer: true, iceServers: [] },
      {
        ...silent,
        onSignal: (text) => bob.signal(text),
        onOpen: begin,
        onDrain: fill,
      },
    );
    const bob: PeerConnection = new SimplePeerTransport({ timers: realTimers, wrtc }).connect(
      { offer: false, iceServers: [] },
      {
        ...silent,
        onSignal: (text) => alice.signal(text),
        onOpen: begin,
        onMessage: (message) => {
          received.set(message, receivedBytes);
          receivedBytes += message.length;
        },
      },
    );
    await until(() => receivedBytes === totalBytes, 30_000);
    const seconds = (realClock.now() - startedAt) / 1000;
    console.info(`simple-peer over loopback: ${(totalBytes / 1e6 / seconds).toFixed(1)} MB/s`);
    expect(Buffer.compare(received, sent)).toBe(0);
    alice.close();
    bob.close();
  }, 40_000);
});
