import { openConnection, openConnections } from '../../load/open-loop/keep-alive-connection.js';
import { describeLatencies } from '../../load/open-loop/latencies.js';
import { stampedContent } from '../../origin/stamped-content.js';

export interface FollowPlan {
  readonly port: number;
  readonly path: string;
  readonly bytes: number;
  readonly followers: number;
  /** How long after the first the followers ask, all at once. */
  readonly behindMs: number;
  readonly timeoutMs: number;
}

/** Milliseconds; those of followers count from when each of them asked. */
export interface FollowResult {
  readonly firstHeadP99Ms: number;
  readonly firstByteP50Ms: number;
  readonly firstByteP99Ms: number;
  /** From the very first request until everyone had everything. */
  readonly totalMs: number;
  /** Clients that did not get exactly the object with status 200. */
  readonly failed: number;
  readonly firstFailure?: string;
}

interface Client {
  send: () => void;
  close: () => void;
  sentMs: number;
  headMs: number;
  byteMs: number;
  got: number;
  wrong: boolean;
}

/** One client asks for an object, many others follow at once, on connections that were open before. */
export async function followColdObject(plan: FollowPlan): Promise<FollowResult> {
  const { port, path, bytes, followers, behindMs, timeoutMs } = plan;
  const expected = stampedContent(path, bytes);
  const request = Buffer.from(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`);
  let [ended, failed] = [0, 0];
  let firstFailure: string | undefined;
  let allEnded = (): void => {};
  const over = new Promise<void>((resolve) => {
    allEnded = resolve;
  });
  const one = async (): Promise<Client> => {
    let open = true;
    const client: Client = {
      send: () => {},
      close: () => {},
      sentMs: 0,
      headMs: 0,
      byteMs: 0,
      got: 0,
      wrong: false,
    };
    const end = (failure?: string): void => {
      if (!open) return;
      open = false;
      if (failure !== undefined) {
        failed++;
        firstFailure ??= failure;
      }
      if (++ended === followers + 1) allEnded();
    };
    const connection = await openConnection(port, {
      onHead: () => {
        client.headMs = performance.now();
      },
      onBody: (chunk) => {
        if (client.got === 0) client.byteMs = performance.now();
        if (!expected.subarray(client.got, client.got + chunk.length).equals(chunk)) client.wrong = true;
        client.got += chunk.length;
      },
      onEnd: (status) => {
        const whole = status === 200 && client.got === bytes && !client.wrong;
        end(whole ? undefined : `status ${status}, ${client.got} ${client.wrong ? 'other ' : ''}bytes`);
      },
      onClose: (error) => end(`connection closed: ${error?.message ?? 'without an answer'}`),
    });
    client.send = () => {
      client.sentMs = performance.now();
      connection.send(request);
    };
    client.close = connection.close;
    return client;
  };
  const [first, ...others] = await openConnections(followers + 1, 64, one);
  const start = performance.now();
  first?.send();
  await new Promise<void>((resolve) => {
    const wait = (): void => {
      if (performance.now() - start >= behindMs) resolve();
      else setImmediate(wait);
    };
    wait();
  });
  for (const other of others) other.send();
  const timer = setTimeout(allEnded, timeoutMs);
  await over;
  clearTimeout(timer);
  const totalMs = performance.now() - start;
  for (const client of [...(first === undefined ? [] : [first]), ...others]) client.close();
  const unanswered = followers + 1 - ended;
  if (unanswered > 0) firstFailure ??= `${unanswered} without an answer after ${timeoutMs} ms`;
  const served = others.filter(({ byteMs }) => byteMs > 0);
  const bytesAt = describeLatencies(
    served.length > 0 ? served.map(({ byteMs, sentMs }) => byteMs - sentMs) : [0],
  );
  const headsAt = describeLatencies(
    served.length > 0 ? served.map(({ headMs, sentMs }) => headMs - sentMs) : [0],
  );
  return {
    firstHeadP99Ms: headsAt.p99Ms,
    firstByteP50Ms: bytesAt.p50Ms,
    firstByteP99Ms: bytesAt.p99Ms,
    totalMs,
    failed: failed + unanswered,
    ...(firstFailure === undefined ? {} : { firstFailure }),
  };
}
