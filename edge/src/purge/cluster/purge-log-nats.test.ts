import { afterAll } from 'vitest';
import { NatsNetworks } from '../../testing/nats-network.js';
import { purgeLogContract } from './purge-log-contract.js';

const networks = new NatsNetworks();
afterAll(() => networks.stop());

purgeLogContract('NATS', () => networks.open());
