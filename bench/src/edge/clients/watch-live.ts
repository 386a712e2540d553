import { connect, type Socket } from 'node:net';
import { openConnections } from '../../load/open-loop/keep-alive-connection.js';
import { describeLatencies, type Latencies } from '../../load/open-loop/latencies.js';
import type { LiveShape } from '../../origin/live-window.js';
import { dueAtStep, stepsBegun } from './live-schedule.js';
import { openViewer } from './live-viewer.js';

export interface LivePlan {
  readonly port: number;
  readonly shape: LiveShape;
  readonly viewers: number;
  /** Each polls and fetches once in this time; the first period does not count. */
  readonly periodMs: number;
  readonly seconds: number;
  /** Further connections that ask for `slowPath` and never read the answer. */
  readonly slowReaders: number;
  readonly slowPath: string;
  /** How long the last answers may take. */
  readonly drainMs: number;
}

export interface LiveResult {
  readonly playlists: Latencies;
  readonly segments: Latencies;
  /** Answered ones, the first period included. */
  readonly requests: number;
  readonly bytes: number;
  /** Wrong, cut, stale, or without an answer in time. */
  readonly failed: number;
  readonly firstFailure?: string;
  readonly connections: number;
  readonly latenessP99Ms: number;
}

const NONE: Latencies = { p50Ms: 0, p99Ms: 0, maxMs: 0 };
const TICK_MS = 1;

function openSlowReader(port: number, path: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1' }, () => {
      socket.pause();
      socket.write(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`);
      resolve(socket);
    });
    socket.once('error', reject);
  });
}

/** Thousands of viewers of live channels, each at its time. */
export async function watchLive(plan: LivePlan): Promise<LiveResult> {
  const { port, shape, viewers, periodMs, seconds, slowReaders, slowPath, drainMs } = plan;
  const latencies = { playlist: [] as number[], segment: [] as number[] };
  const lateness: number[] = [];
  let [answered, failed, bytes, start] = [0, 0, 0, 0];
  let firstFailure: string | undefined;
  const fail = (why: string): void => {
    failed++;
    firstFailure ??= why;
  };
  const slow = await openConnections(slowReaders, 32, () => openSlowReader(port, slowPath));
  for (const socket of slow) socket.on('error', () => {}).on('close', () => fail('a slow reader was cut'));
  // Each polls at once, as players do, and the next ones connect when it has its answer; none of this counts.
  const watching = await openConnections(viewers, 64, async (index) => {
    let first = (): void => {};
    const answeredFirst = new Promise<void>((resolve) => {
      first = resolve;
    });
    const viewer = await openViewer(
      {
        onAnswer: (what, dueMs, size) => {
          answered++;
          bytes += size;
          if (dueMs >= periodMs) latencies[what].push(performance.now() - start - dueMs);
          first();
        },
        onFailure: (why) => {
          fail(why);
          first();
        },
      },
      { port, shape, channel: index % shape.channels },
    );
    viewer.due('playlist', Number.NEGATIVE_INFINITY);
    await answeredFirst;
    return viewer;
  });
  const schedule = { viewers, periodMs };
  const steps = Math.floor(((seconds * 1000 + periodMs) * viewers) / periodMs);
  start = performance.now();
  let step = 0;
  await new Promise<void>((resolve) => {
    const tick = (): void => {
      const now = performance.now() - start;
      for (const begun = Math.min(steps, stepsBegun(schedule, now)); step < begun; step++) {
        for (const { viewer, what, atMs } of dueAtStep(schedule, step)) {
          if (what === 'playlist') lateness.push(now - atMs);
          watching[viewer]?.due(what, atMs);
        }
      }
      if (step < steps) setTimeout(tick, TICK_MS);
      else setTimeout(resolve, drainMs);
    };
    tick();
  });
  const unanswered = watching.reduce((sum, viewer) => sum + viewer.unanswered(), 0);
  if (unanswered > 0) firstFailure ??= `${unanswered} requests without an answer`;
  for (const viewer of watching) viewer.close();
  for (const socket of slow) socket.removeAllListeners('close').destroy();
  const describe = (values: readonly number[]): Latencies =>
    values.length === 0 ? NONE : describeLatencies(values);
  return {
    playlists: describe(latencies.playlist),
    segments: describe(latencies.segment),
    requests: answered + failed,
    bytes,
    failed: failed + unanswered,
    ...(firstFailure === undefined ? {} : { firstFailure }),
    connections: viewers + slowReaders,
    latenessP99Ms: describe(lateness).p99Ms,
  };
}
