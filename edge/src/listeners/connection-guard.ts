import type { Server, Socket } from 'node:net';
import { type AddressRanges, clientGroup, plainAddress } from '../access/address.js';
import type { Timers } from '../components.js';
import type { ProxiesConfig } from '../config/access-config.js';
import type { RefusalReason } from '../refusals/refusals.js';
import { takeProxyHeader } from './proxy-protocol/take-header.js';

export interface ConnectionGuardComponents {
  readonly timers: Timers;
  readonly trusted: AddressRanges;
  /** A connection was closed unanswered. */
  readonly onRefused: (reason: RefusalReason) => void;
}

export interface ConnectionGuardOptions extends Pick<ProxiesConfig, 'protocol' | 'headerMs'> {
  /** 0: no limit. */
  readonly connectionsPerAddress: number;
}

/**
 * Stands before a server's own handling of connections: takes the PROXY header off those of trusted balancers, and
 * counts connections by address. Where neither is asked for, the server is left as it is.
 *
 * Who comes behind a balancer that announces it is that address for all that follows: `remoteAddress` of the socket
 * says so, to the gate, the swarm and the logs alike.
 */
export class ConnectionGuard {
  readonly #components: ConnectionGuardComponents;
  readonly #options: ConnectionGuardOptions;
  /** Open connections; addresses without one are not kept, so it is bounded by `limits.connections`. */
  readonly #byAddress = new Map<string, number>();
  /** Announced sources of open connections by the balancer's own end, for TLS to find under the encryption. */
  readonly #announced = new Map<string, string>();

  constructor(components: ConnectionGuardComponents, options: ConnectionGuardOptions) {
    this.#components = components;
    this.#options = options;
  }

  get addresses(): number {
    return this.#byAddress.size;
  }

  /** Before the server listens. */
  protect(server: Server): void {
    const { protocol, connectionsPerAddress } = this.#options;
    if (protocol === 'off' && connectionsPerAddress === 0) return;
    const next = server.listeners('connection');
    server.removeAllListeners('connection');
    server.on('connection', (socket: Socket) => {
      this.#meet(socket, () => {
        for (const listener of next) Reflect.apply(listener, server, [socket]);
      });
    });
    server.on('secureConnection', (socket: Socket) => {
      const source = this.#announced.get(endOf(socket));
      if (source !== undefined) announce(socket, source);
    });
  }

  #meet(socket: Socket, proceed: () => void): void {
    const { protocol, headerMs } = this.#options;
    const { trusted, timers } = this.#components;
    const peer = socket.remoteAddress ?? '';
    if (protocol === 'off' || !trusted.includes(peer)) {
      // Whoever is not trusted is not believed, so where a balancer must stand in between nobody else may come.
      if (protocol === 'require') this.#refuse(socket, 'proxy-missing');
      else if (trusted.includes(peer) || this.#count(socket, peer)) proceed();
      return;
    }
    takeProxyHeader(socket, { timers, timeoutMs: headerMs }, (taken) => {
      switch (taken.is) {
        case 'closed':
          socket.destroy();
          return;
        case 'timeout':
        case 'malformed':
          this.#refuse(socket, `proxy-${taken.is}`);
          return;
        case 'absent':
          if (protocol === 'require') this.#refuse(socket, 'proxy-missing');
          else proceed();
          return;
        case 'header': {
          const address = taken.source === undefined ? undefined : plainAddress(taken.source.address);
          if (address !== undefined) {
            if (!this.#count(socket, address)) return;
            this.#note(socket, address);
          }
          proceed();
        }
      }
    });
  }

  /** False: it is one too many, and closed. */
  #count(socket: Socket, address: string): boolean {
    const { connectionsPerAddress } = this.#options;
    if (connectionsPerAddress === 0) return true;
    const group = clientGroup(address);
    const open = this.#byAddress.get(group) ?? 0;
    if (open >= connectionsPerAddress) {
      this.#refuse(socket, 'address-connections');
      return false;
    }
    this.#byAddress.set(group, open + 1);
    socket.once('close', () => {
      const left = (this.#byAddress.get(group) ?? 1) - 1;
      if (left > 0) this.#byAddress.set(group, left);
      else this.#byAddress.delete(group);
    });
    return true;
  }

  #note(socket: Socket, address: string): void {
    const end = endOf(socket);
    this.#announced.set(end, address);
    socket.once('close', () => this.#announced.delete(end));
    announce(socket, address);
  }

  #refuse(socket: Socket, reason: RefusalReason): void {
    this.#components.onRefused(reason);
    socket.on('error', () => {});
    socket.destroy();
  }
}

function endOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}

function announce(socket: Socket, address: string): void {
  Object.defineProperty(socket, 'remoteAddress', { value: address, configurable: true });
}
