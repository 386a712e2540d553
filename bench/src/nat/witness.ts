import type { PeerTransport, Timers } from '@eddy/player-sdk/internal';
import roamWrtc from '@roamhq/wrtc';
import { udpTransport } from '../node-swarm/udp-transport.js';
import type { Witnessed } from './result.js';

/** Address, kind and related address of a candidate, as RFC 8839 writes it. */
export const CANDIDATE: RegExp = /candidate:\S+ \d+ \w+ \d+ (\S+) \d+ typ (\w+)(?: raddr (\S+))?/g;

/** The SDK's transport with somebody who looks at every signal, and asks WebRTC itself what it uses. */
export class Witness {
  readonly transport: PeerTransport;
  readonly #connections = new Set<RTCPeerConnection>();
  readonly #heardKinds = new Set<string>();
  readonly #heardAddresses = new Set<string>();
  readonly #pairs = new Set<string>();
  #failed = 0;
  #opened = 0;

  constructor(timers: Timers, relayOnly: boolean) {
    const connections = this.#connections;
    class Noted extends roamWrtc.RTCPeerConnection {
      constructor(config?: RTCConfiguration) {
        super(config);
        connections.add(this);
      }
    }
    const inner = udpTransport(timers, { relayOnly, wrtc: { ...roamWrtc, RTCPeerConnection: Noted } });
    this.transport = {
      supported: inner.supported,
      get relayedBytes() {
        return inner.relayedBytes ?? 0;
      },
      connect: (options, events) => {
        let open = false;
        const connection = inner.connect(options, {
          onSignal: (payload) => events.onSignal(payload),
          onOpen: () => {
            open = true;
            this.#opened++;
            events.onOpen();
          },
          onMessage: (message) => events.onMessage(message),
          onDrain: () => events.onDrain(),
          onClose: (reason) => {
            if (!open) this.#failed++;
            events.onClose(reason);
          },
        });
        return {
          signal: (payload) => {
            this.#hear(payload);
            connection.signal(payload);
          },
          send: (message) => connection.send(message),
          get bufferedBytes() {
            return connection.bufferedBytes;
          },
          close: () => connection.close(),
        };
      },
    };
  }

  /** Asks what the open channels use now. */
  async look(): Promise<void> {
    for (const pair of await Promise.all([...this.#connections].map(pairInUse))) {
      if (pair !== undefined) this.#pairs.add(pair);
    }
  }

  get seen(): Witnessed {
    return {
      ...{ failed: this.#failed, opened: this.#opened },
      heardKinds: [...this.#heardKinds].sort(),
      heardAddresses: [...this.#heardAddresses].sort(),
      pairs: [...this.#pairs].sort(),
    };
  }

  #hear(payload: string): void {
    for (const [, address = '', kind = '', related] of payload.matchAll(CANDIDATE)) {
      this.#heardKinds.add(kind);
      this.#heardAddresses.add(address);
      if (related !== undefined) this.#heardAddresses.add(related);
    }
  }
}

async function pairInUse(connection: RTCPeerConnection): Promise<string | undefined> {
  if (connection.connectionState !== 'connected') return undefined;
  const reports = new Map<string, Record<string, string>>();
  (await connection.getStats()).forEach((report) => {
    reports.set(report.id, report);
  });
  const transport = [...reports.values()].find(({ type }) => type === 'transport');
  const pair = reports.get(transport?.selectedCandidatePairId ?? '');
  const kindOf = (id = ''): string => reports.get(id)?.candidateType ?? 'unknown';
  return pair && `${kindOf(pair.localCandidateId)}/${kindOf(pair.remoteCandidateId)}`;
}
