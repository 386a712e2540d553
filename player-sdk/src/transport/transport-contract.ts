import { MAX_FRAME_BYTES, MAX_SIGNAL_PAYLOAD_BYTES } from '@eddy/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PeerConnection, PeerTransport } from './transport.js';

export interface TransportFixture {
  readonly alice: PeerTransport;
  readonly bob: PeerTransport;
  /** Waits, in whatever time the transport lives in, until the condition holds; throws when it never does. */
  until(condition: () => boolean): Promise<void>;
  /** Lets everything under way arrive. */
  calm(): Promise<void>;
}

/** One side of a connection, with everything that it was told. */
interface Side {
  connection: PeerConnection;
  opened: number;
  messages: Uint8Array[];
  drained: number;
  closed: string[];
  signals: string[];
  afterClose: number;
}

/** What every `PeerTransport` does. */
export function describeTransport(name: string, make: () => TransportFixture): void {
  describe(`${name} as a peer transport`, () => {
    let fixture: TransportFixture;
    let connections: PeerConnection[];
    beforeEach(() => {
      fixture = make();
      connections = [];
    });
    afterEach(async () => {
      for (const connection of connections) connection.close();
      await fixture.calm();
    });

    const side = (
      transport: PeerTransport,
      offer: boolean,
      reach: (payload: string) => void,
      hooks: { onOpen?: () => void; onMessage?: () => void } = {},
    ): Side => {
      const heard = { opened: 0, messages: [], drained: 0, closed: [], signals: [], afterClose: 0 };
      const late = (): void => {
        if (made.closed.length > 0) made.afterClose++;
      };
      const connection = transport.connect(
        { offer, iceServers: [] },
        {
          onSignal: (payload) => {
            late();
            made.signals.push(payload);
            reach(payload);
          },
          onOpen: () => {
            late();
            made.opened++;
            hooks.onOpen?.();
          },
          onMessage: (message) => {
            late();
            made.messages.push(message);
            hooks.onMessage?.();
          },
          onDrain: () => {
            late();
            made.drained++;
          },
          onClose: (reason) => {
            late();
            made.closed.push(reason);
          },
        },
      );
      const made: Side = { connection, ...heard };
      connections.push(connection);
      return made;
    };

    const pair = (hooks: { onOpen?: (bob: Side) => void; onMessage?: (bob: Side) => void } = {}) => {
      const alice = side(fixture.alice, true, (payload) => bob.connection.signal(payload));
      const bob: Side = side(fixture.bob, false, (payload) => alice.connection.signal(payload), {
        onOpen: () => hooks.onOpen?.(bob),
        onMessage: () => hooks.onMessage?.(bob),
      });
      return { alice, bob };
    };

    const openPair = async () => {
      const sides = pair();
      await fixture.until(() => sides.alice.opened + sides.bob.opened === 2);
      return sides;
    };

    const message = (length: number, seed: number): Uint8Array<ArrayBuffer> =>
      Uint8Array.from({ length }, (_, index) => (index * 31 + seed) & 0xff);

    it('is supported where it can connect', () => {
      expect(fixture.alice.supported).toBe(true);
    });

    it('tells nothing before `connect` has returned', async () => {
      let returned = false;
      let early = 0;
      const note = (): void => {
        if (!returned) early++;
      };
      const events = { onSignal: note, onOpen: note, onMessage: note, onDrain: note, onClose: note };
      connections.push(fixture.alice.connect({ offer: true, iceServers: [] }, events));
      returned = true;
      await fixture.calm();
      expect(early).toBe(0);
    });

    it('opens on both sides, once, by signals that are JSON within the limit', async () => {
      const { alice, bob } = await openPair();
      await fixture.calm();
      expect([alice.opened, bob.opened]).toEqual([1, 1]);
      for (const payload of [...alice.signals, ...bob.signals]) {
        expect(payload.length).toBeLessThanOrEqual(MAX_SIGNAL_PAYLOAD_BYTES);
        expect(() => JSON.parse(payload)).not.toThrow();
      }
    });

    it('carries whole messages in order, both ways, up to the largest frame', async () => {
      const { alice, bob } = await openPair();
      const sent = [1, 2, 63, 1024, 65_536, MAX_FRAME_BYTES, 5].map(message);
      for (const one of sent) {
        alice.connection.send(one);
        bob.connection.send(one);
      }
      await fixture.until(() => alice.messages.length === sent.length && bob.messages.length === sent.length);
      expect(bob.messages.map((one) => [...one])).toEqual(sent.map((one) => [...one]));
      expect(alice.messages.map((one) => [...one])).toEqual(sent.map((one) => [...one]));
    });

    it('leaves the bytes to the receiver, whatever the sender does to its own afterwards', async () => {
      const { alice, bob } = await openPair();
      const bytes = message(1000, 1);
      alice.connection.send(bytes);
      bytes.fill(0);
      await fixture.until(() => bob.messages.length === 1);
      expect(bob.messages[0]).toEqual(message(1000, 1));
    });

    it('says stop when much is buffered, and drains', async () => {
      const { alice, bob } = await openPair();
      const large = message(65_536, 0);
      let sent = 0;
      while (sent < 1000) {
        sent++;
        if (!alice.connection.send(large)) break;
      }
      expect(sent).toBeLessThan(1000);
      expect(alice.connection.bufferedBytes).toBeGreaterThan(0);
      expect(alice.connection.bufferedBytes).toBeLessThanOrEqual(6 * 65_536);
      await fixture.until(() => alice.drained > 0 && bob.messages.length === sent);
      expect(alice.drained).toBe(1);
      expect(alice.connection.send(message(10, 0))).toBe(true);
      await fixture.until(() => alice.connection.bufferedBytes === 0);
    });

    it('drops messages before it is open and after it is closed', async () => {
      const { alice, bob } = pair();
      expect(alice.connection.send(message(10, 0))).toBe(false);
      expect(alice.connection.bufferedBytes).toBe(0);
      await fixture.until(() => alice.opened + bob.opened === 2);
      alice.connection.close();
      expect(alice.connection.send(message(10, 0))).toBe(false);
      await fixture.until(() => bob.closed.length > 0);
      expect(bob.messages).toEqual([]);
    });

    it('closes on both sides once, and is silent afterwards', async () => {
      const { alice, bob } = await openPair();
      bob.connection.send(message(100, 0));
      alice.connection.close();
      alice.connection.close();
      await fixture.until(() => alice.closed.length > 0 && bob.closed.length > 0);
      bob.connection.close();
      await fixture.calm();
      for (const one of [alice, bob]) {
        expect(one.closed).toHaveLength(1);
        expect(one.closed[0]).not.toBe('');
        expect(one.afterClose).toBe(0);
      }
    });

    it('can be closed before it opens', async () => {
      const { alice } = pair();
      alice.connection.close();
      await fixture.calm();
      expect(alice.closed).toHaveLength(1);
      expect(alice.opened).toBe(0);
      expect(alice.afterClose).toBe(0);
    });

    it('can be closed from inside its own events', async () => {
      const onOpen = pair({ onOpen: (bob) => bob.connection.close() });
      await fixture.until(() => onOpen.alice.closed.length > 0 && onOpen.bob.closed.length > 0);
      const onMessage = pair({ onMessage: (bob) => bob.connection.close() });
      await fixture.until(() => onMessage.alice.opened + onMessage.bob.opened === 2);
      onMessage.alice.connection.send(message(10, 0));
      onMessage.alice.connection.send(message(10, 0));
      await fixture.until(() => onMessage.alice.closed.length > 0 && onMessage.bob.closed.length > 0);
      expect(onMessage.bob.messages).toHaveLength(1);
      expect(onOpen.bob.afterClose + onMessage.bob.afterClose).toBe(0);
    });

    it.each([
      ['no JSON', 'v=0'],
      ['nothing', ''],
      ['null', 'null'],
      ['a number', '7'],
      ['a list', '[]'],
      ['an empty object', '{}'],
      ['a description that is none', '{"type":"offer","sdp":"nonsense"}'],
      ['a description of an unknown type', '{"type":"other","sdp":"v=0"}'],
      ['fields of wrong types', '{"sdp":{},"candidate":5,"offer":"x"}'],
      ['too long', JSON.stringify({ type: 'offer', sdp: 'v=0'.padEnd(MAX_SIGNAL_PAYLOAD_BYTES, ' ') })],
    ])('closes, and does not throw, on a signal that is %s', async (_what, payload) => {
      const bob = side(fixture.bob, false, () => {});
      expect(() => bob.connection.signal(payload)).not.toThrow();
      await fixture.until(() => bob.closed.length > 0);
      expect(() => bob.connection.signal(payload)).not.toThrow();
      await fixture.calm();
      expect(bob.closed).toHaveLength(1);
      expect(bob.afterClose).toBe(0);
    });
  });
}
