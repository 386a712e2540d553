import { Counter, Gauge, type Registry } from 'prom-client';
import type { Pathway } from './decide.js';

export interface SteeringMetrics {
  /** An answer named `first`, to a player that was `at` another or the same. */
  answered(first: string, at: string | undefined): void;
}

export function createSteeringMetrics(
  registry: Registry,
  pathways: () => readonly Pathway[],
): SteeringMetrics {
  const registers = [registry];
  const answers = new Counter({
    name: 'eddy_steering_answers_total',
    help: 'Answers to players, by the pathway that they are to use',
    labelNames: ['pathway'],
    registers,
  });
  const moves = new Counter({
    name: 'eddy_steering_moves_total',
    help: 'Answers that named another pathway than the player was on',
    registers,
  });
  new Gauge({
    name: 'eddy_steering_pathway_well',
    help: '1 where players may be sent, 0 where an edge drains, does not answer or has no origin',
    labelNames: ['pathway'],
    registers,
    collect() {
      this.reset();
      for (const { id, health } of pathways()) this.set({ pathway: id }, Number(health === 'well'));
    },
  });
  return {
    answered(first, at) {
      answers.inc({ pathway: first });
      if (at !== undefined && at !== first) moves.inc();
    },
  };
}
