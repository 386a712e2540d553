import { ARMS } from '@eddy/protocol';
import { Histogram, Counter as PromCounter, type Registry } from 'prom-client';
import { type Counter, Tally } from './measures/measures.js';
import type { Fact } from './rollup/fact.js';

/** Hears of each batch that was stored, once. */
export type PlayerMetrics = (fact: Pick<Fact, 'keys' | 'tally'>) => void;

/** Seconds; 2 is the bound of the objective in `deploy/prometheus/rules`. */
const STARTUP_SECONDS = [0.25, 0.5, 1, 1.5, 2, 3, 5, 10, 20];

/**
 * What viewers of this edge lived through, by arm of the experiment: for alerts and charts by the minute. Figures to
 * account by are in the store, which also knows streams, regions and networks.
 */
export function createPlayerMetrics(registry: Registry): PlayerMetrics {
  const registers = [registry];
  const told = new Map<string, Tally>(ARMS.map((arm) => [arm, new Tally()]));
  const counter = (
    name: string,
    help: string,
    sources: readonly { readonly source?: string; readonly measure: Counter; readonly unit?: number }[],
  ): void => {
    const labelNames = sources.length > 1 ? ['arm', 'source'] : ['arm'];
    new PromCounter({
      ...{ name, help, registers, labelNames },
      // Summed up when somebody asks: the library makes garbage of each addition.
      collect() {
        this.reset();
        for (const [arm, tally] of told) {
          for (const { measure, unit = 1, ...labels } of sources) {
            this.inc({ arm, ...labels }, Math.max(0, tally.of(measure)) / unit);
          }
        }
      },
    });
  };
  counter('eddy_player_bytes_total', 'Media bytes that players received, from the edge or from peers.', [
    { source: 'edge', measure: 'edgeBytes' },
    { source: 'peer', measure: 'peerBytes' },
  ]);
  counter('eddy_player_watched_seconds_total', 'Time that players played.', [
    { measure: 'watchedMs', unit: 1000 },
  ]);
  counter('eddy_player_rebuffer_seconds_total', 'Time that players stood still.', [
    { measure: 'rebufferMs', unit: 1000 },
  ]);
  counter('eddy_player_rebuffers_total', 'How often players stood still.', [{ measure: 'rebuffers' }]);
  counter('eddy_player_errors_total', 'Errors that players told of.', [{ measure: 'errors' }]);
  counter('eddy_player_rejected_bytes_total', 'Bytes from peers that no digest matched.', [
    { measure: 'hashFailedBytes' },
  ]);
  const startup = new Histogram({
    name: 'eddy_player_startup_seconds',
    help: 'From the start of a player to its first picture.',
    ...{ registers, labelNames: ['arm'], buckets: STARTUP_SECONDS },
  });
  // Rates need a series before the first event.
  for (const arm of ARMS) startup.zero({ arm });
  return ({ keys: { arm }, tally }) => {
    const known = told.get(arm);
    if (known === undefined) return;
    known.addAll(tally);
    // A batch tells of one start at most.
    if (tally.of('startups') === 1) startup.observe({ arm }, tally.of('startupMs') / 1000);
  };
}
