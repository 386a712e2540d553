import { BEACON_PATH, MAX_BEACON_BATCHES, NO_COUNTERS, writeBeacon } from '@eddy/protocol';
import { chance, DEMO_STREAMS, drawn } from './demo-catalogue.js';

const REPORT_MS = 10_000;

/** Posts what that many viewers report of their last ten seconds, once. */
export async function reportViewers(edgeUrl: string, viewers: number, round: number): Promise<void> {
  const all = DEMO_STREAMS.reduce((sum, { peakViewers }) => sum + peakViewers, 0);
  const streams = DEMO_STREAMS.map((stream) => ({ ...stream, share: stream.peakViewers / all }));
  const lines = Array.from({ length: viewers }, (_, viewer) => {
    const stream = drawn(streams, chance(viewer, 1));
    const isTreated = chance(viewer, 2) >= 0.1;
    const bytes = (stream.kbps * 1000 * REPORT_MS) / 8000;
    const peerBytes = isTreated ? Math.round(bytes * (0.4 + 0.4 * chance(viewer, round, 3))) : 0;
    const edgeBytes = Math.round(bytes) - peerBytes;
    return writeBeacon(
      {
        ...{ batch: `demo-${viewer}-${round}`, session: `demo-viewer-${viewer}`, presentation: stream.name },
        ...{ arm: isTreated ? 'treated' : 'holdout', peers: isTreated ? 5 : 0, bitrateKbps: stream.kbps },
        ...{ starvationsMs: [], errors: [], from: [] },
        counters: { ...NO_COUNTERS, edgeBytes, peerBytes, uploadedBytes: peerBytes, watchedMs: REPORT_MS },
      },
      { timeMs: round * REPORT_MS, sequence: round + 1 },
    );
  });
  for (let start = 0; start < lines.length; start += MAX_BEACON_BATCHES) {
    const body = lines.slice(start, start + MAX_BEACON_BATCHES).join('\n');
    const answer = await fetch(`${edgeUrl}${BEACON_PATH}`, { method: 'POST', body });
    if (answer.status !== 204)
      throw new Error(`beacons were answered ${answer.status}: ${await answer.text()}`);
  }
}
