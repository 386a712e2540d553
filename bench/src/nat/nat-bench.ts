import type { Bench, BenchComponents, BenchOptions } from '../bench.js';
import { selectByName } from '../edge/selection.js';
import { describeMachine } from '../machine/machine.js';
import type { Report, Turn, WorkloadReport } from '../report/report.js';
import { summarizeTurns } from '../report/summary.js';
import { figuresOf, goalsOf, HEADLINE, NAT_METRICS } from './figures.js';
import { playRows } from './play-rows.js';
import type { NatRowResult } from './result.js';
import { NAT_ROWS, type NatRow, SHORT_ROWS } from './rows.js';

const EDDY = {
  name: 'eddy',
  family: 'eddy',
  version: '',
  setting: 'the SDK, all but relayOnly at its default',
};
/** Two viewers each, and two cores are few. */
const AT_ONCE = 3;

const METHOD: readonly string[] = [
  'One namespace is the internet: coturn, eddy-edge and the origin. Each viewer has a namespace with a private address and before it a router namespace of its own with nft: masquerade (keeps ports: cone), masquerade fully-random (symmetric), with all UDP let in (open cone), or with UDP cut (no udp). Routers drop what nobody inside asked for.',
  'Model players in Node watch a live stream of 2 s segments with the real SDK session over @roamhq/wrtc; the rows named chromium are pages with hls.js in a browser for each home, and the second comes when the first has 20 s.',
  'A row is direct or relay by the candidate pair that WebRTC says it uses (kinds in brackets: own/other; prflx: an address that only the packets told). Bytes are those of both viewers; what is relayed is counted where it is sent and where it comes. coturn counts packets with all headers, and twice what goes from one of its relays to another.',
];

async function run(components: BenchComponents, options: BenchOptions): Promise<Report> {
  const started = new Date();
  const rows = selectByName(options.quick === true ? SHORT_ROWS : NAT_ROWS, options.only, 'workload');
  const turns = new Map<NatRow, NatRowResult[]>(rows.map((row) => [row, []]));
  for (let round = 1; round <= options.rounds; round++) {
    components.progress(`round ${round} of ${options.rounds}: ${rows.length} rows`);
    const results = await playRows(
      { rows, atOnce: AT_ONCE, leastSeconds: options.seconds },
      { signal: components.signal, onMessage: (message) => components.progress(`  ${String(message)}`) },
    );
    for (const [index, row] of rows.entries()) {
      const result = results[index];
      if (result !== undefined) turns.get(row)?.push(result);
    }
  }
  return {
    schema: 1,
    bench: 'nat',
    title: 'Two viewers, each behind a router of its own',
    startedAt: started.toISOString(),
    durationSeconds: Math.round((Date.now() - started.getTime()) / 1000),
    machine: await describeMachine(),
    method: METHOD,
    contenders: [EDDY],
    metrics: NAT_METRICS,
    workloads: [...turns].map(([row, results]) => reportOf(row, results)),
    warnings: [],
  };
}

/** Goals are of the first round that missed one, else of the last. */
function reportOf(row: NatRow, results: readonly NatRowResult[]): WorkloadReport {
  const turns = results.map(
    (result, index): Turn => ({ round: index + 1, contender: EDDY.name, values: figuresOf(result) }),
  );
  const missed = results.find((result) => goalsOf(result).some(({ met }) => !met));
  const shown = missed ?? results.at(-1);
  return {
    name: row.name,
    description: `${row.homes.join(' and ')}, ${row.servers}${row.relayOnly === undefined ? '' : ', relayOnly'}`,
    headline: HEADLINE,
    rows: summarizeTurns(turns, [EDDY], NAT_METRICS),
    comparisons: [],
    goals: shown === undefined ? [] : goalsOf(shown),
    turns,
  };
}

export const natBench: Bench = {
  name: 'nat',
  summary:
    'two viewers behind two NATs with STUN and TURN: who shares, by which way, and what a relay carried',
  workloads: NAT_ROWS.map(({ name, homes, expected }) => ({
    name,
    summary: `${homes.join(' and ')}: ${expected}`,
  })),
  defaults: { rounds: 3, seconds: 8 },
  run,
};
