/** A CPU profile as Node writes it, as far as it is read here. */
export interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
  }[];
  readonly samples: readonly number[];
  /** Microseconds before each sample. */
  readonly timeDeltas: readonly number[];
  /** In microseconds of the machine's monotonic clock, which `process.hrtime` tells too. */
  readonly startTime: number;
}

export interface SelfTime {
  readonly name: string;
  readonly where: string;
  readonly milliseconds: number;
  /** Of the time in which anything ran. */
  readonly share: number;
}

/** Not running at all; the collector is work and counts. */
const IDLE = new Set(['(idle)', '(program)', '(root)']);

function place(url: string, line: number): string {
  if (url === '') return '';
  const short = url.replace(/^file:\/\//, '').replace(/^.*?\/((?:edge|player-sdk|node_modules)\/.*)$/, '$1');
  return `${short}:${line + 1}`;
}

/** From and to, on the clock of `startTime`. */
export type Window = readonly [number, number];

/** Functions by the time spent in themselves, the greatest first. `(program)` is native code between two functions. */
export function selfTimes(
  profile: CpuProfile,
  [from, to]: Window = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY],
): { readonly busyMs: number; readonly functions: SelfTime[] } {
  const frames = new Map(profile.nodes.map(({ id, callFrame }) => [id, callFrame]));
  const micros = new Map<string, { name: string; where: string; sum: number }>();
  let busy = 0;
  let at = profile.startTime;
  for (const [index, id] of profile.samples.entries()) {
    const frame = frames.get(id);
    at += profile.timeDeltas[index] ?? 0;
    // A delta leads to its sample: the time until the next one is spent in it.
    const delta = Math.max(0, profile.timeDeltas[index + 1] ?? 0);
    if (at < from || at > to || frame === undefined || IDLE.has(frame.functionName)) continue;
    busy += delta;
    const where = place(frame.url, frame.lineNumber);
    const name = frame.functionName === '' ? '(anonymous)' : frame.functionName;
    const key = `${name} ${where}`;
    const known = micros.get(key) ?? { name, where, sum: 0 };
    known.sum += delta;
    micros.set(key, known);
  }
  const functions = [...micros.values()]
    .sort((a, b) => b.sum - a.sum)
    .map(({ name, where, sum }) => ({
      name,
      where,
      milliseconds: sum / 1000,
      share: busy === 0 ? 0 : sum / busy,
    }));
  return { busyMs: busy / 1000, functions };
}

/** A table in Markdown of the first `count`. */
export function selfTimeTable(profile: CpuProfile, count: number, window?: Window): string {
  const { busyMs, functions } = selfTimes(profile, window);
  const rows = functions
    .slice(0, count)
    .map(
      ({ name, where, milliseconds, share }) =>
        `| ${(share * 100).toFixed(1)}% | ${milliseconds.toFixed(0)} ms | \`${name}\` | ${where} |`,
    );
  return [
    `${busyMs.toFixed(0)} ms in functions and the collector (native code between them and idle time left out)`,
    '',
    '| self | time | function | where |',
    '|---:|---:|---|---|',
    ...rows,
    '',
  ].join('\n');
}
