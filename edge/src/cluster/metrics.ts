import { Counter, Gauge, type Registry } from 'prom-client';
import type { Bus } from '../bus/bus.js';
import type { MemberTable } from './members.js';

export interface ClusterMetrics {
  /** A message of the bus that nobody understands. */
  garbled(about: 'members' | 'purges' | 'swarm'): void;
  nameTaken(): void;
}

export interface ClusterMetricsComponents {
  readonly registry: Registry;
  readonly bus: Bus;
  readonly members: () => MemberTable;
}

export function createClusterMetrics({ registry, bus, members }: ClusterMetricsComponents): ClusterMetrics {
  const registers = [registry];
  new Gauge({
    name: 'eddy_bus_connected',
    help: 'Whether the bus between edges answers: 1 or 0. Without it edges go on, each for itself.',
    registers,
    collect() {
      this.set(bus.connected ? 1 : 0);
    },
  });
  const interruptions = new Counter({
    name: 'eddy_bus_interruptions_total',
    help: 'Times that the bus was lost.',
    registers,
  });
  bus.onConnected((connected) => {
    if (!connected) interruptions.inc();
  });
  const garbled = new Counter({
    name: 'eddy_bus_garbled_messages_total',
    help: 'Messages from the bus that are none of ours, by what they should be about.',
    labelNames: ['about'],
    registers,
  });
  const taken = new Counter({
    name: 'eddy_cluster_name_conflicts_total',
    help: 'Other edges that have the name of this one.',
    registers,
  });
  new Gauge({
    name: 'eddy_cluster_members',
    help: 'Edges that are there, this one included, by PoP, role and state.',
    // Not `pop`: Prometheus puts that on what it asks, for the edge that answers.
    labelNames: ['member_pop', 'role', 'state'],
    registers,
    collect() {
      this.reset();
      for (const { pop, role, state } of members().all()) this.inc({ member_pop: pop, role, state });
    },
  });
  return {
    garbled: (about) => garbled.inc({ about }),
    nameTaken: () => taken.inc(),
  };
}
