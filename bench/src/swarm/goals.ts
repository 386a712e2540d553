import type { Goal, Turn } from '../report/report.js';
import { median } from '../statistics/statistics.js';

/** Medians of one contender by key of metric. */
export type Medians = Readonly<Record<string, number>>;

interface Promise_ {
  readonly text: string;
  readonly measure: (eddy: Medians, plain: Medians | undefined) => number | undefined;
  readonly limit: (plain: Medians | undefined) => number | undefined;
  readonly atMost: boolean;
  readonly say: (value: number) => string;
}

const percent = (value: number): string => `${(100 * value).toFixed(1)}%`;
const seconds = (value: number): string => `${value.toFixed(2)} s`;
const plainNumber = (value: number): string => value.toFixed(3);

function atLeast(key: string, limit: number, text: string, say = percent): Promise_ {
  return { text, measure: (eddy) => eddy[key], limit: () => limit, atMost: false, say };
}

function atMost(key: string, limit: number, text: string, say = percent): Promise_ {
  return { text, measure: (eddy) => eddy[key], limit: () => limit, atMost: true, say };
}

const offload = (share: number): Promise_ => atLeast('offload', share, `offload at least ${100 * share}%`);
const edgePerPlayed = (limit: number): Promise_ =>
  atMost('edgePerPlayed', limit, `edge media bytes per byte played at most ${limit}`, plainNumber);
const NO_STALL = atMost('stalled', 0, 'no stall');
const STALLED = atMost('stalled', 0.01, 'under 1% stalled');
const BEHIND_PLAIN: Promise_ = {
  text: 'as far behind live as plain hls.js, and 0.5 s at most',
  measure: ({ latency }) => latency,
  limit: (plain) => (plain?.latency === undefined ? undefined : plain.latency + 0.5),
  atMost: true,
  say: seconds,
};
const START: Promise_ = {
  text: 'start-up p95 no worse than plain hls.js and 10%',
  measure: ({ startP95Ms }) => startP95Ms,
  limit: (plain) => (plain?.startP95Ms === undefined ? undefined : plain.startP95Ms * 1.1),
  atMost: true,
  say: (value) => `${Math.round(value)} ms`,
};
const BITRATE: Promise_ = {
  text: 'bitrate no worse than plain hls.js',
  measure: ({ bitrate }) => bitrate,
  limit: (plain) => (plain?.bitrate === undefined ? undefined : plain.bitrate * 0.99),
  atMost: false,
  say: (value) => `${(value / 1e6).toFixed(2)} Mbit/s`,
};
const SWITCHES: Promise_ = {
  text: 'no more switches than plain hls.js',
  measure: ({ switches }) => switches,
  limit: (plain) => plain?.switches,
  atMost: true,
  say: String,
};

const NO_WRONG = atMost('wrongSegments', 0, 'no wrong frame', String);
const NOBODY_DIED = atMost('died', 0, 'nobody died of a decode error', String);
/** What `live-10s` comes to, less ten points. */
const HOSTILE_OFFLOAD = 0.742;
const STALLS: Promise_ = {
  text: 'no more stalls than plain hls.js',
  measure: ({ stalls }) => stalls,
  limit: (plain) => plain?.stalls,
  atMost: true,
  say: String,
};

/** What is promised, by scenario. */
const PROMISES: Readonly<Record<string, readonly Promise_[]>> = {
  'live-10s': [offload(0.8), edgePerPlayed(0.24), BEHIND_PLAIN, NO_STALL, START],
  'live-1s': [offload(0.8), edgePerPlayed(0.24), BEHIND_PLAIN, NO_STALL, START],
  'live-churn': [offload(0.78), edgePerPlayed(0.33), BEHIND_PLAIN, NO_STALL, START],
  vod: [offload(0.8), edgePerPlayed(0.2), atMost('wasted', 0.03, 'at most 3% wasted'), NO_STALL, START],
  'live-capped': [STALLED, atMost('latency', 8, 'at most 8 s behind live', seconds)],
  'live-capped-ladder': [
    STALLED,
    atLeast('bitrate', 1_200_000, 'at least 1.2 Mbit/s', BITRATE.say),
    atMost('latency', 8, 'at most 8 s behind live', seconds),
  ],
  'live-ladder': [offload(0.75), BEHIND_PLAIN, BITRATE, SWITCHES, NO_STALL],
  'start-up': [START],
  uplinks: [offload(0.7), NO_STALL],
  hostile: [NO_WRONG, NOBODY_DIED, NO_STALL, offload(HOSTILE_OFFLOAD)],
  uncooperative: [
    NO_WRONG,
    NOBODY_DIED,
    STALLS,
    atLeast('offload', 1 / 3, 'offload above a third'),
    BEHIND_PLAIN,
  ],
};

function mediansOf(turns: readonly Turn[], contender: string): Medians | undefined {
  const own = turns.filter((turn) => turn.contender === contender);
  const keys = new Set(own.flatMap(({ values }) => Object.keys(values)));
  if (own.length === 0) return undefined;
  return Object.fromEntries(
    [...keys].map((key) => [key, median(own.flatMap(({ values }) => values[key] ?? []))]),
  );
}

/** Whether Eddy keeps what is promised for this scenario; those that need plain hls.js only where it had a turn. */
export function swarmGoals(scenario: string, turns: readonly Turn[]): Goal[] {
  const [eddy, plain] = [mediansOf(turns, 'eddy'), mediansOf(turns, 'plain')];
  if (eddy === undefined) return [];
  return (PROMISES[scenario] ?? []).flatMap(({ text, measure, limit, atMost, say }) => {
    const [value, bound] = [measure(eddy, plain), limit(plain)];
    if (value === undefined || bound === undefined) return [];
    const against = plain !== undefined && text.includes('plain') ? ` (limit ${say(bound)})` : '';
    return [{ text, measured: `${say(value)}${against}`, met: atMost ? value <= bound : value >= bound }];
  });
}
