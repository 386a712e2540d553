import { afterAll } from 'vitest';
import { NatsNetworks } from '../testing/nats-network.js';
import { membershipContract } from './membership-contract.js';

const networks = new NatsNetworks();
afterAll(() => networks.stop());

membershipContract('NATS', () => networks.open());
