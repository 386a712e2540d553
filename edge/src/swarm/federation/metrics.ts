import { Counter, Gauge, type Registry } from 'prom-client';
import type { FederationWord } from './words.js';

export interface FederationMetrics {
  word(direction: 'said' | 'heard', type: FederationWord['type']): void;
}

export function createFederationMetrics(registry: Registry, visitors: () => number): FederationMetrics {
  const registers = [registry];
  new Gauge({
    name: 'eddy_swarm_visitors',
    help: 'Viewers of other edges that viewers here were introduced to.',
    registers,
    collect() {
      this.set(visitors());
    },
  });
  const words = new Counter({
    name: 'eddy_swarm_federation_messages_total',
    help: 'Messages between edges about viewers who may meet, by direction and type.',
    labelNames: ['direction', 'type'],
    registers,
  });
  return { word: (direction, type) => words.inc({ direction, type }) };
}
