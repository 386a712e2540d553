import { openConnection, openConnections } from '../../load/open-loop/keep-alive-connection.js';
import { evenSchedule } from '../../load/open-loop/schedule.js';
import { stampedContent } from '../../origin/stamped-content.js';

export interface FetchManyPlan {
  readonly port: number;
  /** The object of an index is at `prefix` + index + `.m4s`. */
  readonly prefix: string;
  readonly indices: readonly number[];
  readonly bytes: number;
  readonly connections: number;
  readonly perSecond: number;
  /** Tell how many are whole after each this many. */
  readonly tellEvery: number;
}

export interface FetchManyResult {
  /** Index and wall clock time (Unix milliseconds) of each object that came whole and right. */
  readonly whole: readonly (readonly [number, number])[];
  /** Answers with a byte that is not the object's. */
  readonly wrong: number;
  readonly firstWrong?: string;
  /** Answers that were refused or cut. */
  readonly failed: number;
  readonly firstFailure?: string;
}

export const pathOf = (prefix: string, index: number): string => `${prefix}${index}.m4s`;

/** Fetches each object once and compares every byte; ends early where the server is gone. */
export async function fetchMany(
  plan: FetchManyPlan,
  tell: (message: unknown) => void,
): Promise<FetchManyResult> {
  const { port, prefix, indices, bytes, connections, perSecond, tellEvery } = plan;
  const whole: [number, number][] = [];
  const schedule = evenSchedule(perSecond, Math.ceil(indices.length / perSecond) + 1);
  let [next, open, wrong, failed] = [0, 0, 0, 0];
  let firstWrong: string | undefined;
  let firstFailure: string | undefined;
  let start = 0;
  let over = (): void => {};
  const ended = new Promise<void>((resolve) => {
    over = resolve;
  });

  const one = async (): Promise<() => void> => {
    let index = -1;
    let expected: Buffer = Buffer.alloc(0);
    let [got, isWrong, closed] = [0, false, false];
    const ask = (): void => {
      if (closed) return;
      if (next >= indices.length) {
        connection.close();
        return;
      }
      const waitMs = schedule.dueMs(next) - (performance.now() - start);
      if (waitMs > 1) {
        setTimeout(ask, Math.floor(waitMs));
        return;
      }
      index = indices[next++] ?? 0;
      const path = pathOf(prefix, index);
      expected = stampedContent(path, bytes);
      [got, isWrong] = [0, false];
      connection.send(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`);
    };
    const mistake = (): void => {
      wrong++;
      firstWrong ??= pathOf(prefix, index);
    };
    const connection = await openConnection(port, {
      onHead: (status) => {
        if (status !== 200) expected = Buffer.alloc(0);
      },
      onBody: (chunk) => {
        if (expected.length > 0 && !expected.subarray(got, got + chunk.length).equals(chunk)) isWrong = true;
        got += chunk.length;
      },
      onEnd: (status) => {
        if (status !== 200) {
          failed++;
          firstFailure ??= `status ${status} for ${pathOf(prefix, index)}`;
        } else if (isWrong || got !== bytes) mistake();
        else if (whole.push([index, Date.now()]) % tellEvery === 0) tell({ whole: whole.length });
        index = -1;
        ask();
      },
      onClose: (error) => {
        closed = true;
        if (index >= 0) {
          failed++;
          firstFailure ??= `cut: ${error?.message ?? 'closed'}`;
          if (isWrong) mistake();
        }
        if (--open === 0) over();
      },
    });
    open++;
    return ask;
  };
  const starts = await openConnections(connections, 16, one);
  start = performance.now();
  for (const ask of starts) ask();
  await ended;
  return {
    whole,
    wrong,
    ...(firstWrong === undefined ? {} : { firstWrong }),
    failed,
    ...(firstFailure === undefined ? {} : { firstFailure }),
  };
}
