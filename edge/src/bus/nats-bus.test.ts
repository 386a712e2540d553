import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { afterAll, describe, expect, it } from 'vitest';
import { systemTimers } from '../components.js';
import { CERTIFICATE_ONE, CERTIFICATE_TWO } from '../testing/certificates.js';
import { NatsNetworks, natsBusAt, TEST_LOG } from '../testing/nats-network.js';
import { type NatsServer, type NatsServerOptions, startNatsServer } from '../testing/nats-server.js';
import { busContract, bytes, connectedTo, text } from './bus-contract.js';
import { NatsBus } from './nats-bus.js';

const networks = new NatsNetworks();
const servers: NatsServer[] = [];
afterAll(async () => {
  await networks.stop();
  for (const server of servers) await server.stop();
});
const start = async (options?: NatsServerOptions): Promise<NatsServer> => {
  const server = await startNatsServer(options);
  servers.push(server);
  return server;
};

busContract('NATS', () => networks.open());

describe('a bus over NATS', () => {
  it('waits for a server that is not there yet, and hears what was subscribed to before', async () => {
    const server = await start();
    await server.kill();
    const bus = natsBusAt(server.url);
    const heard = new Promise((resolve) => bus.subscribe('news', (data) => resolve(text(data))));
    expect(bus.connected).toBe(false);
    await server.restart();
    await connectedTo(bus, true);
    bus.publish('news', bytes('here'));
    expect(await heard).toBe('here');
    await bus.close();
  });

  it('forgets the oldest entries of a log, and knows a new log from the old one', async () => {
    const server = await start();
    const bus = natsBusAt(server.url, { log: { ...TEST_LOG, maxEntries: 2 } });
    await connectedTo(bus, true);
    const log = bus.log('list');
    for (const id of ['1', '2', '3']) await log.append(id, bytes(id));
    expect(await log.extent()).toMatchObject({ first: 2, last: 3 });
    expect(await log.read(1)).toMatchObject({ sequence: 2 });
    const { epoch } = await log.extent();
    const client = await connect({ servers: server.url });
    await (await jetstreamManager(client)).streams.delete('eddy_list');
    await client.close();
    const fresh = await log.extent();
    expect(fresh).toMatchObject({ first: 1, last: 0 });
    expect(fresh.epoch).not.toBe(epoch);
    await bus.close();
  });

  it('speaks TLS with a token, to nobody but who has a certificate that it trusts', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'eddy-nats-tls-'));
    const [cert, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
    await writeFile(cert, CERTIFICATE_ONE.cert);
    await writeFile(key, CERTIFICATE_ONE.key);
    const config = `tls { cert_file: "${cert}", key_file: "${key}" }\nauthorization { token: secret }`;
    const server = await start({ config });
    const url = server.url.replace('nats:', 'tls:');
    const bus = natsBusAt(url, { token: 'secret', tls: { ca: CERTIFICATE_ONE.cert } });
    await connectedTo(bus, true);
    const trouble: unknown[] = [];
    const wary = new NatsBus(
      { timers: systemTimers, random: () => 0, onTrouble: (error) => trouble.push(error) },
      {
        urls: [url],
        name: 'test',
        prefix: 'eddy',
        log: TEST_LOG,
        token: 'secret',
        tls: { ca: CERTIFICATE_TWO.cert },
      },
    );
    await expect.poll(() => String(trouble)).toMatch(/certificate/i);
    expect(wary.connected).toBe(false);
    await Promise.all([bus.close(), wary.close(), rm(folder, { recursive: true })]);
  });

  it('shows a user and password, and says what the server has against it', async () => {
    const server = await start({ config: 'authorization { user: eddy, password: secret }' });
    let trouble: unknown;
    const stranger = new NatsBus(
      {
        ...{ timers: systemTimers, random: () => 0 },
        onTrouble: (error) => {
          trouble = error;
        },
      },
      { urls: [server.url], name: 'test', prefix: 'eddy', log: TEST_LOG },
    );
    const bus = natsBusAt(server.url, { user: 'eddy', password: 'secret' });
    await connectedTo(bus, true);
    await expect.poll(() => String(trouble)).toMatch(/authorization/i);
    expect(stranger.connected).toBe(false);
    await stranger.close();
    await bus.close();
  });
});
