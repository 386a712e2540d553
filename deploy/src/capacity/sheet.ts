import type { Cost } from './cost.js';
import type { Measured } from './measured.js';
import type { Assumptions, BusinessPlan, EdgePlan } from './plan.js';

/** A plan and what it costs. */
export interface Line {
  readonly plan: BusinessPlan;
  readonly machines: Cost;
  readonly egress: readonly Cost[];
}

const percent = (share: number): string => `${(100 * share).toFixed(1)}%`;
const gigabits = (bits: number): string => `${(bits / 1e9).toFixed(1)} Gbit/s`;
const money = (amount: number, currency: string): string =>
  `${Math.round(amount).toLocaleString('en-US')} ${currency}`;

function volume(bytes: number): string {
  return bytes >= 1e15 ? `${(bytes / 1e15).toFixed(2)} PB` : `${Math.round(bytes / 1e12)} TB`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** What the terminal shows, and the tables of the sheet. */
export function edgesTable(lines: readonly Line[]): string {
  const half = ({ edges, limit, egressBitsPerSecond, cores }: EdgePlan): string =>
    `**${edges}** (${limit}), ${gigabits(egressBitsPerSecond)}, ${cores.toFixed(1)} cores`;
  return table(
    ['Business', 'Machine', 'Without peers', 'From peers', 'With peers'],
    lines.map(({ plan }) => [
      plan.business.name,
      plan.machine.name,
      half(plan.without),
      percent(plan.offload),
      half(plan.with),
    ]),
  );
}

export function costsTable(lines: readonly Line[]): string {
  const rows = lines.flatMap(({ plan, machines, egress }) =>
    [machines, ...egress].map((cost) => [
      plan.business.name,
      cost.source === 'example' ? `${cost.plan} (example)` : cost.plan,
      money(cost.without, cost.currency),
      money(cost.with, cost.currency),
      cost.without === 0 ? '' : percent(1 - cost.with / cost.without),
    ]),
  );
  return table(['Business', 'Bill', 'Without peers', 'With peers', 'Saved'], rows);
}

function businessTable(lines: readonly Line[]): string {
  return table(
    ['Business', 'A month', 'Average', 'Peak', 'Viewers', 'Streams', 'Together', 'Able'],
    lines.map(({ plan: { business } }) => [
      `${business.name}: ${business.what}`,
      volume(business.monthlyBytes),
      gigabits((business.monthlyBytes * 8) / (30 * 86_400)),
      gigabits(business.peakBitsPerSecond),
      business.viewers.toLocaleString('en-US'),
      String(business.streams),
      percent(business.together),
      percent(business.able),
    ]),
  );
}

function measuredTable({
  coreSecondsPerByte,
  coreSecondsPerRequest,
  connectionBytes,
  offload,
  ...rest
}: Measured): string {
  return table(
    ['Measured', 'Figure', 'Where'],
    [
      [
        'segments over TLS 1.3 with tokens, limits and log, a core',
        gigabits(8 / coreSecondsPerByte),
        'bench/results/edge.json, `segments-tls`',
      ],
      ['a playlist or small segment', `${(1e6 * coreSecondsPerRequest).toFixed(0)} µs`, 'edge.json, `live`'],
      ['a connection, at most', `${connectionBytes / 1024} KiB`, 'the bound of `live`'],
      [
        'a viewer in a swarm',
        `${(1e6 * rest.swarmViewer.cores).toFixed(1)} µs a second, ${rest.swarmViewer.bytes / 1024} KiB`,
        'decision 0134',
      ],
      ...offload.map(({ viewers, offload: share, from }) => [
        `from peers, ${viewers.toLocaleString('en-US')} watching together`,
        percent(share),
        from === 'browsers' ? 'swarm.json, `live-10s`, real browsers' : 'simulate.json, virtual time',
      ]),
    ],
  );
}

/** The whole of docs/capacity.md. `small` are the lines of the first kind of machine, `large` of the second. */
export function sheet(
  lines: readonly Line[],
  measured: Measured,
  { use, spares, cacheBytes, connectionsPerViewer, segmentSeconds, holdout }: Assumptions,
): string {
  const first = lines[0]?.plan.machine.name;
  const once = lines.filter(({ plan }) => plan.machine.name === first);
  return `# How many edges, and what they cost

Computed by \`node deploy/capacity/capacity.mjs --sheet\` from kept measurements, prices and three businesses; a test holds this page to them. For yours: \`node deploy/capacity/capacity.mjs --monthly 3PB --peak 25Gbit --viewers 8000\`, or edit [businesses.yaml](../deploy/capacity/businesses.yaml), [machines.yaml](../deploy/capacity/machines.yaml) and [prices.yaml](../edge/prices/prices.yaml).

${businessTable(once)}

## Edges

All of a business together, in one PoP; with several, plan each for its own peak. In brackets what limits the number.

${edgesTable(lines)}

## A month

Machines, then what each plan bills for egress. A plan or machine marked as an example has a made-up price of its size.

${costsTable(lines.filter(({ plan }, index) => index === lines.findIndex((one) => one.plan.business === plan.business)))}

## From what

${measuredTable(measured)}

- ${percent(use)} of network and processor are planned with, 80% of memory, and ${spares} edge more than needed. ${cacheBytes / 2 ** 30} GiB of each edge's memory are cache. A viewer has ${connectionsPerViewer} connections and asks twice every ${segmentSeconds} s.
- From peers: each stream has its share of viewers by popularity; of them those count as company who are able, not held out (${percent(holdout)}), and together in time. Between measured points by the logarithm of viewers, never beyond the largest. Smaller rooms than 8 are a straight line to nothing at one viewer: not measured.
- \`together\` of a library is a guess until your own dashboard says: browsers were measured on demand only with viewers 3 s apart.
- Plan the network for the column without peers where a swarm that fails may not stop the picture; plan the bill by the column with them.
- A month is 30 days, each a hill with its top in the evening, as steep as volume and peak ask for. With peers the hill is lower everywhere by the same share.

What this leaves out: disk reads (a library larger than memory: 669 µs of a core for 1 MiB, \`disk\`), fills from the origin and their bill, several PoPs that each need a spare, and what a provider's network gives below the number on its card. Processor times are of one machine with two cores (AMD EPYC); yours differ.
`;
}
