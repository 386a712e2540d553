import { setTimeout as sleep } from 'node:timers/promises';
import { clock, timers, Viewer } from '../node-swarm/viewer.js';
import { serveForked } from '../process/forked.js';
import type { NatViewerResult } from './result.js';
import { Witness } from './witness.js';

export interface NatViewerPlan {
  readonly name: string;
  readonly edgeUrl: string;
  readonly path: string;
  readonly relayOnly: boolean;
  /** It goes on for at least as long … */
  readonly leastSeconds: number;
  /** … and until so much was passed on, the other has left, or no channel could be opened; but no longer than this. */
  readonly sharedBytes: number;
  readonly mostSeconds: number;
}

const LOOK_MS = 200;

serveForked<NatViewerPlan, NatViewerResult>(async (plan) => {
  const { name, edgeUrl, path, relayOnly } = plan;
  const witness = new Witness(timers, relayOnly);
  const viewer = new Viewer({ name, edgeUrl, path, peers: true, relayOnly, transport: witness.transport });
  const startedAt = clock.now();
  const seconds = (): number => (clock.now() - startedAt) / 1000;
  const isDecided = (): boolean => {
    const { peerBytes, uploadedBytes, peers } = viewer.result();
    const { failed, opened } = witness.seen;
    return peerBytes + uploadedBytes >= plan.sharedBytes || failed > 0 || (opened > 0 && peers === 0);
  };
  void viewer.play();
  while (seconds() < plan.leastSeconds || (!isDecided() && seconds() < plan.mostSeconds)) {
    await sleep(LOOK_MS);
    await witness.look();
  }
  const result = { ...viewer.result(), ...witness.seen };
  await viewer.leave();
  return result;
});

// WebRTC's threads would keep the process.
process.once('disconnect', () => process.exit());
