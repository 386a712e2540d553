import { type BusNetwork, connectedTo } from '../bus/bus-contract.js';
import { NatsBus, type NatsBusOptions } from '../bus/nats-bus.js';
import { systemTimers } from '../components.js';
import { type NatsServer, startNatsServer } from './nats-server.js';

export const TEST_LOG: NatsBusOptions['log'] = { maxAgeMs: 3_600_000, maxEntries: 100, replicas: 1 };

export const natsBusAt = (url: string, options: Partial<NatsBusOptions> = {}): NatsBus =>
  new NatsBus(
    { timers: systemTimers, random: () => 0 },
    { urls: [url], name: 'test', prefix: 'eddy', log: TEST_LOG, ...options },
  );

/** Networks for contracts, on one server: each has a prefix of its own. */
export class NatsNetworks {
  #server: Promise<NatsServer> | undefined;
  #count = 0;

  async open(): Promise<BusNetwork> {
    this.#server ??= startNatsServer();
    const server = await this.#server;
    const prefix = `eddy.test-${this.#count++}`;
    return {
      async connect() {
        const bus = natsBusAt(server.url, { prefix });
        await connectedTo(bus, true);
        return bus;
      },
      down: () => server.kill(),
      up: () => server.restart(),
      close: async () => {},
    };
  }

  async stop(): Promise<void> {
    await (await this.#server)?.stop();
  }
}
