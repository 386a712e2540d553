import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Member } from '../cluster/members.js';
import type { Health } from './decide.js';
import type { AskPing } from './probes.js';
import { respond } from './respond.js';

const MAX_ANSWER_BYTES = 1024;
/** Finer would tell strangers of single viewers. */
const LOAD_STEPS = 20;

/** Answers a request to `PING_PATH`: that this edge is there, and how it is. */
export function answerPing(
  request: IncomingMessage,
  response: ServerResponse,
  self: Member | undefined,
): void {
  respond(request, response, 'application/json', JSON.stringify(wordOf(self)));
}

function wordOf(self: Member | undefined): { readonly health: Health; readonly load?: number } {
  if (self === undefined) return { health: 'well' };
  const { state, load } = self;
  const health = state === 'draining' ? 'draining' : load.originWell ? 'well' : 'ill';
  const { egressBytesPerSecond: sent, egressLimitBytesPerSecond: limit } = load;
  return limit > 0 ? { health, load: Math.round((sent / limit) * LOAD_STEPS) / LOAD_STEPS } : { health };
}

/** Gets a ping over HTTP. */
export const askPing: AskPing = async (url, timeoutMs) => {
  const response = await fetch(url, { signal: AbortSignal.timeout(timeoutMs), redirect: 'error' });
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of response.body ?? []) {
    bytes += piece.length;
    if (bytes > MAX_ANSWER_BYTES) throw new RangeError('the answer is longer than a ping');
    pieces.push(piece);
  }
  if (!response.ok) throw new Error(`it answered ${response.status}`);
  return JSON.parse(Buffer.concat(pieces).toString());
};
