import { stampedContent } from '../../origin/stamped-content.js';
import {
  type ConnectionEvents,
  type KeepAliveConnection,
  openConnection,
  openConnections,
} from './keep-alive-connection.js';
import { describeLatencies, type Latencies } from './latencies.js';
import { evenSchedule } from './schedule.js';

export interface OpenLoopPlan {
  readonly port: number;
  /** An address. Default: 127.0.0.1. */
  readonly host?: string;
  /** Before every path. */
  readonly prefix?: string;
  /** Asked for in turn. */
  readonly objects: readonly { readonly path: string; readonly bytes: number }[];
  readonly perSecond: number;
  /** Seconds that count, after those that do not. */
  readonly seconds: number;
  readonly warmUpSeconds: number;
  readonly connections: number;
  /** Compare every byte with the stamped content of its path. */
  readonly verify?: boolean;
}

export interface OpenLoopResult extends Latencies {
  /** Counted requests that were answered as they should be. */
  readonly requests: number;
  /** Requests that were sent, warm-up included. */
  readonly sent: number;
  readonly bytes: number;
  readonly seconds: number;
  /** Refused, cut, wrong or not answered in time, warm-up included; their latencies do not count. */
  readonly failed: number;
  readonly firstFailure?: string;
  /** How late this generator itself looked at its schedule; it is part of the latencies. */
  readonly latenessP99Ms: number;
}

/** How long answers may be out when all has been sent. */
const DRAIN_MS = 10_000;
/** Timers of Node fire up to this late; what is due sooner is waited for without one. */
const TIMER_MS = 2;

interface Seat {
  /** Absent until it is open. */
  connection: KeepAliveConnection | undefined;
  /** The request under way, or -1. */
  index: number;
  bodyBytes: number;
  wrong: boolean;
}

/**
 * Sends requests at their time, whether or not those before them were answered, and says how long each took. An
 * aborted `signal` ends it before its time: what was sent is waited for, nothing more is.
 */
export async function runOpenLoop(plan: OpenLoopPlan, signal?: AbortSignal): Promise<OpenLoopResult> {
  const { port, objects, perSecond, seconds, warmUpSeconds, connections, prefix = '', verify = false } = plan;
  const { host = '127.0.0.1' } = plan;
  const schedule = evenSchedule(perSecond, warmUpSeconds + seconds);
  const uncounted = Math.min(schedule.total - 1, Math.round(perSecond * warmUpSeconds));
  const requests = objects.map(({ path }) =>
    Buffer.from(`GET ${prefix}${path} HTTP/1.1\r\nHost: ${host}:${port}\r\n\r\n`),
  );
  const expected = verify ? objects.map(({ path, bytes }) => stampedContent(path, bytes)) : [];
  const latencies = new Float64Array(schedule.total - uncounted).fill(-1);
  const lateness = new Float64Array(schedule.total);
  let [next, noticed, answered, failed, bytes, endedMs] = [0, 0, 0, 0, 0, 0];
  let firstFailure: string | undefined;
  let endedAtMs: number | undefined;
  let start = 0;
  let total = schedule.total;
  let finish = (): void => {};
  const idle: Seat[] = [];
  const fail = (why: string): void => {
    failed++;
    answered++;
    firstFailure ??= why;
    if (answered === total) finish();
  };

  const pump = (): void => {
    const now = performance.now() - start;
    const due = Math.min(total, schedule.dueCount(now));
    for (; noticed < due; noticed++) lateness[noticed] = now - schedule.dueMs(noticed);
    while (next < due) {
      const seat = idle.shift();
      if (seat === undefined) return;
      seat.index = next;
      seat.bodyBytes = 0;
      seat.wrong = false;
      seat.connection?.send(requests[next % requests.length] ?? '');
      next++;
    }
  };

  const ended = (seat: Seat, status: number): void => {
    const { index } = seat;
    const object = objects[index % objects.length];
    seat.index = -1;
    idle.push(seat);
    if (status !== 200) fail(`status ${status} for ${object?.path}`);
    else if (seat.bodyBytes !== object?.bytes || seat.wrong)
      fail(`${seat.bodyBytes} ${seat.wrong ? 'other ' : ''}bytes for ${object?.path}`);
    else {
      endedMs = performance.now() - start;
      if (index >= uncounted) {
        latencies[index - uncounted] = endedMs - schedule.dueMs(index);
        bytes += seat.bodyBytes;
      }
      if (++answered === total) finish();
    }
    if (next < noticed) pump();
  };

  let closing = false;
  const open = async (): Promise<Seat> => {
    const seat: Seat = { connection: undefined, index: -1, bodyBytes: 0, wrong: false };
    const events: ConnectionEvents = {
      onBody: (chunk) => {
        if (verify) {
          const target = expected[seat.index % expected.length];
          const same = target?.subarray(seat.bodyBytes, seat.bodyBytes + chunk.length).equals(chunk);
          if (same !== true) seat.wrong = true;
        }
        seat.bodyBytes += chunk.length;
      },
      onEnd: (status) => {
        if (seat.index >= 0) ended(seat, status);
      },
      onClose: (error) => {
        if (closing) return;
        const place = idle.indexOf(seat);
        if (place >= 0) idle.splice(place, 1);
        else fail(`connection closed: ${error?.message ?? 'without an answer'}`);
        open().then(
          (again) => idle.push(again),
          () => {}, // Without connections the rest stays unanswered, which counts.
        );
      },
    };
    seat.connection = await openConnection(port, events, host);
    return seat;
  };

  const seats = await openConnections(connections, 64, open);
  idle.push(...seats);
  start = performance.now();
  await new Promise<void>((resolve) => {
    let over = false;
    finish = () => {
      over = true;
      resolve();
    };
    const end = (): void => {
      total = next;
      if (answered === total) finish();
    };
    signal?.addEventListener('abort', end, { once: true });
    const tick = (): void => {
      if (over) return;
      pump();
      const now = performance.now() - start;
      if (signal?.aborted) endedAtMs ??= now;
      if (now > (endedAtMs ?? schedule.dueMs(schedule.total)) + DRAIN_MS) {
        finish();
        return;
      }
      if (noticed >= total) {
        setTimeout(tick, 5);
        return;
      }
      const left = schedule.dueMs(noticed) - now;
      if (left > TIMER_MS) setTimeout(tick, Math.floor(left - 1));
      else setImmediate(tick);
    };
    tick();
  });
  closing = true;
  for (const { connection } of [...seats, ...idle]) connection?.close();
  const counted = latencies.filter((latency) => latency >= 0);
  const unanswered = total - answered;
  if (unanswered > 0) firstFailure ??= `${unanswered} requests without an answer`;
  return {
    ...(counted.length > 0 ? describeLatencies(counted) : { p50Ms: 0, p99Ms: 0, maxMs: 0 }),
    requests: counted.length,
    sent: next,
    bytes,
    seconds: Math.max(signal?.aborted ? 0 : seconds, endedMs / 1000 - warmUpSeconds),
    failed: failed + unanswered,
    ...(firstFailure === undefined ? {} : { firstFailure }),
    latenessP99Ms: describeLatencies(lateness.subarray(0, Math.max(1, noticed))).p99Ms,
  };
}
