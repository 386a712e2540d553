import { describe, expect, it } from 'vitest';
import { areZeros } from './edge/zeros.js';
import { figuresOf } from './figures.js';
import { runScenario } from './run-scenario.js';
import { SCENARIOS, type Scenario } from './scenarios.js';

function scenario(name: string, changes: Partial<Scenario> = {}): Scenario {
  const found = SCENARIOS.find((candidate) => candidate.name === name);
  if (found === undefined) throw new RangeError(`there is no scenario ${name}`);
  return { ...found, seconds: 20, ...changes };
}

describe('runScenario', () => {
  it('gives the same outcome for the same seed, to the last event, and another for another', async () => {
    const churn = scenario('live-churn');
    const [once, again, other] = [
      await runScenario(churn, 5),
      await runScenario(churn, 5),
      await runScenario(churn, 6),
    ];
    expect(again).toEqual(once);
    expect(other.events).not.toBe(once.events);
  });

  it.each(['live-10s', 'vod', 'live-churn', 'live-capped', 'uplinks'])(
    'loses and invents no byte: %s',
    async (name) => {
      const { viewers, edgeBytes } = await runScenario(scenario(name), 2);
      const fromEdge = Object.values(edgeBytes).reduce((sum, bytes) => sum + bytes, 0);
      let received = 0;
      let uploaded = 0;
      for (const viewer of viewers) {
        received += viewer.receivedBytes;
        uploaded += viewer.uploadedBytes;
        expect(viewer.edgeBytes + viewer.peerBytes).toBe(viewer.deliveredBytes);
        expect(viewer.deliveredBytes).toBeLessThanOrEqual(viewer.receivedBytes);
        expect(viewer.playedMs).toBeGreaterThan(0);
      }
      expect(viewers.length).toBeGreaterThanOrEqual(8);
      // What was sent and not received is on its way, or was to someone who left.
      expect(received).toBeLessThanOrEqual(fromEdge + uploaded);
      expect(received).toBeGreaterThan(0.9 * (fromEdge + uploaded));
    },
  );

  it('plays no wrong byte and does not stall with one hostile viewer in eight, and blames nobody else', async () => {
    const hostile = scenario('hostile', { seconds: 40 });
    for (const seed of [1, 2, 3]) {
      const outcome = await runScenario(hostile, seed);
      const { offload = 0, stalled } = figuresOf(hostile, outcome);
      expect(stalled).toBe(0);
      expect(offload).toBeGreaterThan(0.742);
      expect(outcome.viewers.map(({ blamedPeers }) => blamedPeers)).toEqual([0, 1, 1, 1, 1, 1, 1, 1]);
    }
    expect(areZeros()).toBe(true);
  });

  it('saves well over a third, and does not stall, with half of the viewers uncooperative', async () => {
    const uncooperative = scenario('uncooperative', { seconds: 60 });
    for (const seed of [1, 2, 3]) {
      const { offload = 0, stalled } = figuresOf(uncooperative, await runScenario(uncooperative, seed));
      expect(stalled).toBe(0);
      expect(offload).toBeGreaterThan(0.6);
    }
  });

  it('has viewers alone play like plain hls.js: everything from the edge, 6 s behind', async () => {
    const alone = scenario('live-10s', { reachable: 0 });
    const { viewers, ...outcome } = await runScenario(alone, 1);
    const { offload, stalled, latency, wasted, edgePerPlayed, connections } = figuresOf(alone, {
      viewers,
      ...outcome,
    });
    expect({ offload, stalled, connections }).toEqual({ offload: 0, stalled: 0, connections: 0 });
    expect(wasted).toBeLessThan(0.03);
    expect(latency).toBeGreaterThan(6);
    expect(latency).toBeLessThan(6.5);
    // Buffers are full at the end.
    expect(edgePerPlayed).toBeGreaterThan(1);
    for (const { startUpMs } of viewers) {
      // Five round trips before the first byte, then slow start.
      expect(startUpMs).toBeGreaterThan(100);
      expect(startUpMs).toBeLessThan(400);
    }
  });

  it('lets a cap of the edge bind', async () => {
    const capped = scenario('live-capped', { reachable: 0, edgeCap: 0.4, joining: { withinSeconds: 1 } });
    const outcome = await runScenario(capped, 1);
    const sent = Object.values(outcome.edgeBytes).reduce((sum, bytes) => sum + bytes, 0);
    const most = (0.4 * capped.viewers * capped.bitsPerSecond * (capped.seconds + 1)) / 8;
    expect(sent).toBeLessThanOrEqual(most);
    expect(sent).toBeGreaterThan(0.8 * most);
    expect(figuresOf(capped, outcome).stalled).toBeGreaterThan(0.3);
  });
});
