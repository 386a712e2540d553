import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Child, startChild } from '../process/child.js';
import { EDGE_BIN } from './command-line.js';
import type { CommandLine } from './netns.js';

const ANNOUNCED = /serves (http:\S+) \(admin (http:[^\s,]+), insight (http:[^\s)]+)\)/;

export interface EdgeProcessOptions {
  /** `file:///dir`, `s3://bucket/prefix` or `http://host/prefix`. */
  readonly origin: string;
  /** Further flags of `eddy-edge`. */
  readonly args?: readonly string[];
  /** Added to the environment, such as the AWS variables. */
  readonly env?: Readonly<Record<string, string>>;
  /** Kept when it stops. Default: a new one, gone with it. */
  readonly dataDir?: string;
  /** Share of viewers without peers. Default 0, so that nobody is left out by chance. */
  readonly holdoutPercent?: number;
  /** Starts it somewhere else, such as in another namespace. */
  readonly within?: (line: CommandLine) => CommandLine;
  /** How long it may take until it is ready. Default: that of `startChild`. */
  readonly startMs?: number;
}

/** A running `eddy-edge` on free ports of loopback, with a data folder of its own. URLs end without a slash. */
export interface EdgeProcess {
  readonly url: string;
  readonly adminUrl: string;
  readonly insightUrl: string;
  readonly pid: number;
  /** Ends it without a word, as a power cut would; its data folder stays until `stop`. */
  readonly kill: () => Promise<void>;
  /** The end of what it wrote. */
  readonly log: () => string;
  /** Sum of a metric's samples whose labels include all of these; 0 where there are none. */
  readonly metric: (name: string, labels?: Readonly<Record<string, string>>) => Promise<number>;
  readonly stop: () => Promise<void>;
}

async function isReady(log: string): Promise<boolean> {
  const admin = ANNOUNCED.exec(log)?.[2];
  if (admin === undefined) return false;
  return await fetch(`${admin}/readyz`).then(
    ({ ok }) => ok,
    () => false,
  );
}

/** Sum of the samples of a metric in Prometheus text format. */
export function sumOf(metrics: string, name: string, labels: Readonly<Record<string, string>> = {}): number {
  let sum = 0;
  for (const line of metrics.split('\n')) {
    const sample = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line);
    if (sample?.[1] !== name) continue;
    const given = sample[2] ?? '';
    if (Object.entries(labels).every(([key, value]) => `,${given}`.includes(`,${key}="${value}"`))) {
      sum += Number(sample[3]);
    }
  }
  return sum;
}

/** Starts the command as an operator does and waits until it is ready. Throws BenchError `start-failed`. */
export async function startEdgeProcess(options: EdgeProcessOptions): Promise<EdgeProcess> {
  const { origin, args = [], env = {}, holdoutPercent = 0, within = (line) => line } = options;
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'eddy-edge-')));
  const remove = async (): Promise<void> => {
    if (options.dataDir === undefined) await rm(dataDir, { recursive: true, force: true });
  };
  const anyPort = '127.0.0.1:0';
  const line = within({
    command: process.execPath,
    args: [
      ...[EDGE_BIN, '--origin', origin, '--data-dir', dataDir],
      ...['--listen', anyPort, '--admin', anyPort, '--insight', anyPort, ...args],
    ],
  });
  let log = (): string => '';
  let child: Child;
  try {
    child = await startChild({
      name: 'eddy-edge',
      ...line,
      env: { EDDY_SWARM_HOLDOUT_PERCENT: String(holdoutPercent), EDDY_LOG_LEVEL: 'warn', ...env },
      ready: () => isReady(log()),
      ...(options.startMs === undefined ? {} : { startMs: options.startMs }),
      onLog: (read) => {
        log = read;
      },
      signal: new AbortController().signal,
    });
  } catch (error) {
    await remove();
    throw error;
  }
  const [, url = '', adminUrl = '', insightUrl = ''] = ANNOUNCED.exec(log()) ?? [];
  return {
    url,
    adminUrl,
    insightUrl,
    pid: child.pid,
    kill: child.kill,
    log: child.log,
    metric: async (name, labels) => sumOf(await (await fetch(`${adminUrl}/metrics`)).text(), name, labels),
    stop: async () => {
      await child.stop();
      await remove();
    },
  };
}
