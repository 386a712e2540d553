import { DEFAULT_SWARM_CONFIG } from '@eddy/edge/meeting-place';
import { type Random, SCHEDULE_DEFAULTS } from '@eddy/player-sdk/internal';
import { seededRandom } from '../policy/traces/random.js';
import { EdgeLedger, type Reason } from './accounts/ledger.js';
import { SimulatedEdge } from './edge/simulated-edge.js';
import { Stream } from './edge/stream.js';
import { VirtualTime } from './engine/virtual-time.js';
import { Device } from './links/device.js';
import { mannerOf } from './links/manner.js';
import { PeerNetwork } from './links/peer-network.js';
import type { Scenario } from './scenarios.js';
import { Viewer, type ViewerFigures } from './viewer.js';

/** What one seed of one scenario gave. */
export interface Outcome {
  readonly viewers: readonly ViewerFigures[];
  readonly edgeBytes: Readonly<Record<Reason, number>>;
  readonly edgeRangeBytes: number;
  readonly events: number;
}

const LIVE_WINDOW = 6;
const EDGE_UNCAPPED = 12_500_000_000;
const BITS = 8;
/** One way from a viewer to the middle of the network, drawn evenly: pairs are 20 to 40 ms apart. */
const ACCESS_MS = { least: 5, most: 10 };
const CONNECT_MS = 50;
/** A browser gives a silent channel up after this. */
const SILENT_MS = 15_000;
const ORIGIN_MS = 10;
const FILL_MS = 5;
const MEGABIT = 1_000_000 / BITS;

/** Plays a scenario through. The same seed gives the same outcome. */
export async function runScenario(scenario: Scenario, seed: number, signal?: AbortSignal): Promise<Outcome> {
  const random = seededRandom(seed * 0x9e3779b1);
  const time = new VirtualTime();
  const { clock, timers } = time;
  const { bitsPerSecond, segmentSeconds, live, seconds } = scenario;
  const joins = joinTimes(scenario, random);
  const totalMs = (joins.at(-1) ?? 0) + seconds * 1000;
  const stream = await Stream.make(
    {
      live,
      segmentSeconds,
      bitsPerSecond,
      window: LIVE_WINDOW,
      segments: LIVE_WINDOW + Math.ceil(totalMs / 1000 / segmentSeconds) + 1,
    },
    random,
  );
  const beginning = clock.now();
  const { edgeCap, viewers: count } = scenario;
  const edge = new SimulatedEdge(
    { clock, timers, random, stream },
    {
      egressBytesPerSecond: edgeCap === undefined ? EDGE_UNCAPPED : (edgeCap * count * bitsPerSecond) / BITS,
      originMs: ORIGIN_MS,
      fillMs: FILL_MS,
      swarm: DEFAULT_SWARM_CONFIG,
    },
  );
  const pairs = Math.floor(random() * 2 ** 30);
  const network = new PeerNetwork(
    {
      clock,
      timers,
      reachable: (one, other) => pairDraw(pairs, one.index, other.index) < scenario.reachable,
    },
    { connectMs: CONNECT_MS, silentMs: SILENT_MS },
  );
  const ledger = new EdgeLedger();
  const viewers: Viewer[] = [];
  const components = {
    time,
    random,
    stream,
    edge,
    network,
    ledger,
    streamTime: () => clock.now() - beginning,
    schedule: { ...SCHEDULE_DEFAULTS, ...scenario.schedule },
  };
  const join = (upload: boolean): Viewer => {
    const device = new Device(time, {
      index: viewers.length,
      uploadBytesPerSecond: scenario.upMbit * MEGABIT,
      downloadBytesPerSecond: scenario.downMbit * MEGABIT,
      accessMs: ACCESS_MS.least + random() * (ACCESS_MS.most - ACCESS_MS.least),
      edgeMs: scenario.edgeRoundTripMs / 2,
      manner: mannerOf(scenario.misbehaving, viewers.length),
    });
    const viewer = new Viewer(components, device, upload);
    viewers.push(viewer);
    return viewer;
  };
  for (const [index, at] of joins.entries()) {
    // Spread evenly over those who come.
    const upload = Math.floor((index + 1) * scenario.leeches) === Math.floor(index * scenario.leeches);
    const leavesAt = random() < (scenario.leaving ?? 0) ? at + random() * (totalMs - at) : undefined;
    const farewell = random() < 0.5;
    timers.after(at, () => {
      const viewer = join(upload);
      if (leavesAt !== undefined) timers.after(leavesAt - at, () => viewer.leave(farewell));
    });
  }
  if (scenario.churnEverySeconds !== undefined) {
    const everyMs = scenario.churnEverySeconds * 1000;
    const change = (): void => {
      const staying = viewers.filter(({ gone }) => !gone);
      staying[Math.floor(random() * staying.length)]?.leave(false);
      join(true);
      timers.after(everyMs, change);
    };
    timers.after((joins.at(-1) ?? 0) + everyMs, change);
  }
  await time.run(beginning + totalMs, signal);
  return {
    viewers: viewers.map(({ figures }) => figures),
    edgeBytes: { ...ledger.bytes },
    edgeRangeBytes: ledger.rangeBytes,
    events: time.events,
  };
}

function joinTimes({ joining, viewers }: Scenario, random: Random): number[] {
  const times = Array.from({ length: viewers }, (_, index) =>
    'everySeconds' in joining ? index * joining.everySeconds * 1000 : random() * joining.withinSeconds * 1000,
  );
  return times.sort((a, b) => a - b);
}

/** From 0 to 1, the same for a pair whoever asks and however often. */
function pairDraw(salt: number, one: number, other: number): number {
  const [low, high] = one < other ? [one, other] : [other, one];
  return seededRandom(salt ^ Math.imul(low + 1, 0x85ebca6b) ^ Math.imul(high + 1, 0xc2b2ae35))();
}
