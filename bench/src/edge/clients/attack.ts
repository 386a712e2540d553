import { connect, type Socket } from 'node:net';
import { type HostileTarget, hostileRequest } from './hostile-requests.js';
import { whyPassed } from './hostile-verdict.js';

export interface AttackPlan {
  readonly port: number;
  readonly from: number;
  readonly count: number;
  readonly atOnce: number;
  readonly target: HostileTarget;
  readonly secrets: readonly string[];
  readonly maxBytes: number;
  /** Connections that send a head a byte at a time, and as many that never read what they asked for. */
  readonly slowSockets: number;
}

export interface AttackResult {
  readonly requests: number;
  /** Requests that got what they must not get, by kind, with the first reason of each. */
  readonly passed: Readonly<Record<string, string>>;
  readonly passedCount: number;
  /** Requests that the server did not take at all: no connection. */
  readonly notConnected: number;
  /** Slow heads that the server closed by itself before the end. */
  readonly slowClosed: number;
}

/** A connection that says no more for this long has said what it had to say. */
const IDLE_MS = 120;
const WHOLE_MS = 2000;
const DRIP_MS = 500;

/** Sends bytes on a connection of their own and returns all that comes back; undefined where nobody listens. */
function exchange(port: number, bytes: string, maxBytes: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const parts: Buffer[] = [];
    let [length, open] = [0, false];
    let idle: NodeJS.Timeout | undefined;
    const socket = connect({ port, host: '127.0.0.1' }, () => {
      open = true;
      socket.write(bytes, 'latin1');
      idle = setTimeout(end, WHOLE_MS);
    });
    const end = (): void => {
      clearTimeout(idle);
      socket.destroy();
      resolve(open ? Buffer.concat(parts).toString('latin1') : undefined);
    };
    socket.on('data', (part: Buffer) => {
      parts.push(part);
      length += part.length;
      clearTimeout(idle);
      if (length > maxBytes + 1) end();
      else idle = setTimeout(end, IDLE_MS);
    });
    socket.on('error', () => {});
    socket.on('close', end);
  });
}

function slowSocket(port: number, path: string, drips: boolean): Socket {
  const socket = connect({ port, host: '127.0.0.1' }).on('error', () => {});
  const head = `GET ${path} HTTP/1.1\r\nHost: edge.example\r\n`;
  if (!drips) {
    socket.pause();
    socket.write(`${head}\r\n`);
    return socket;
  }
  let sent = 0;
  const bytes = `${head}X-Slow: ${'a'.repeat(10_000)}`;
  const timer = setInterval(() => socket.write(bytes[sent++] ?? 'a'), DRIP_MS);
  return socket.on('data', () => {}).on('close', () => clearInterval(timer));
}

/** Sends hostile requests, each on a connection of its own, and judges every answer. */
export async function attack(plan: AttackPlan): Promise<AttackResult> {
  const { port, from, count, atOnce, target, secrets, maxBytes, slowSockets } = plan;
  const drips = Array.from({ length: slowSockets }, () => slowSocket(port, target.path, true));
  const deaf = Array.from({ length: slowSockets }, () => slowSocket(port, target.path, false));
  const passed: Record<string, string> = {};
  let [next, passedCount, notConnected] = [from, 0, 0];
  const worker = async (): Promise<void> => {
    while (next < from + count) {
      const { kind, bytes, allowed } = hostileRequest(target, next++);
      const text = await exchange(port, bytes, maxBytes);
      if (text === undefined) notConnected++;
      const why = text === undefined ? undefined : whyPassed(text, { allowed, secrets, maxBytes });
      if (why === undefined) continue;
      passedCount++;
      passed[kind] ??= why;
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  const slowClosed = drips.filter(({ closed }) => closed).length;
  for (const socket of [...drips, ...deaf]) socket.destroy();
  return { requests: count, passed, passedCount, notConnected, slowClosed };
}
