import { type PeerTransport, SimplePeerTransport, type Timers } from '@eddy/player-sdk/internal';
import roamWrtc from '@roamhq/wrtc';

export interface UdpTransportOptions {
  /** Only through TURN servers. Default false. */
  readonly relayOnly?: boolean;
  /** Default: that of `@roamhq/wrtc`. */
  readonly wrtc?: typeof roamWrtc;
}

/**
 * The SDK's transport over `@roamhq/wrtc`, without candidates over TCP: unlike browsers it listens on them, and each
 * pair of peers then opens a connection for each pair of addresses (25 viewers held 7,400 sockets, 50 over 17,000).
 */
export function udpTransport(timers: Timers, options: UdpTransportOptions = {}): PeerTransport {
  const { relayOnly = false, wrtc = roamWrtc } = options;
  const inner = new SimplePeerTransport({ timers, wrtc }, { relayOnly });
  return {
    supported: inner.supported,
    get relayedBytes() {
      return inner.relayedBytes;
    },
    connect: (options, events) =>
      inner.connect(options, {
        onSignal: (payload) => {
          if (!isTcpCandidate(payload)) events.onSignal(payload);
        },
        onOpen: () => events.onOpen(),
        onMessage: (message) => events.onMessage(message),
        onDrain: () => events.onDrain(),
        onClose: (reason) => events.onClose(reason),
      }),
  };
}

/** RFC 8839 section 5.1: `candidate:foundation component transport …`. */
export function isTcpCandidate(payload: string): boolean {
  return /"candidate:\S+ \d+ tcp /i.test(payload);
}
