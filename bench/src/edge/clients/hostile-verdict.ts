import type { Allowed } from './hostile-requests.js';

export interface VerdictOptions {
  readonly allowed: Allowed;
  /** What the origin says only below forbidden paths, and what stands in files of the system. */
  readonly secrets: readonly string[];
  /** Most bytes that one request may bring back. */
  readonly maxBytes: number;
}

/** Statuses of all answers in what came back, as far as each is framed by a length; in order. */
export function statusesOf(text: string): number[] {
  const statuses: number[] = [];
  let at = 0;
  for (;;) {
    const head = /^HTTP\/1\.[01] (\d{3})[^\r\n]*\r\n/.exec(text.slice(at, at + 200));
    if (head === null) return statuses;
    statuses.push(Number(head[1]));
    const end = text.indexOf('\r\n\r\n', at);
    if (end < 0) return statuses;
    const fields = text.slice(at, end + 2);
    const length = /\r\ncontent-length: *(\d+)\r\n/i.exec(fields)?.[1];
    if (length === undefined) {
      // Chunked or until the end: look for whatever follows a last chunk.
      const last = text.indexOf('\r\n0\r\n\r\n', end);
      if (last < 0) return statuses;
      at = last + 7;
    } else at = end + 4 + Number(length);
  }
}

/** Why an answer must not have been given; undefined where it is in order. `text` is Latin-1. */
export function whyPassed(text: string, { allowed, secrets, maxBytes }: VerdictOptions): string | undefined {
  const secret = secrets.find((one) => text.includes(one));
  if (secret !== undefined) return `it brought back ${JSON.stringify(secret)}`;
  if (text.length > maxBytes) return `it brought back ${text.length} bytes`;
  const served = statusesOf(text).filter((status) => status >= 200 && status < 400);
  if (served.length > 1) return `it was answered ${served.length} times`;
  if (allowed === 'refusal' && served.length > 0) return `it was answered with ${served[0]}`;
  return undefined;
}
