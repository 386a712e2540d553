import type { Session, Share, ShareAsked } from '../../../src/insight/readers/sharing.js';

export type { Session, Share };

/** Who reads, and what he may do. Undefined: this edge does not say. */
export async function fetchSession(): Promise<Session | undefined> {
  const response = await fetch('/api/session').catch(() => undefined);
  if (response?.ok !== true) return undefined;
  const session: unknown = await response.json().catch(() => undefined);
  return isSession(session) ? session : undefined;
}

/** Makes a link for people who do not log in. @throws Error whose message can be shown. */
export async function makeShare(asked: ShareAsked): Promise<Share> {
  const response = await fetch('/api/shares', {
    ...{ method: 'POST', headers: { 'Content-Type': 'application/json' } },
    body: JSON.stringify(asked),
  }).catch(() => undefined);
  if (response === undefined) throw new Error('The edge does not answer.');
  const answer: unknown = await response.json().catch(() => undefined);
  if (response.ok && isShare(answer)) return answer;
  const said = typeof answer === 'object' && answer !== null && 'message' in answer ? answer.message : '';
  throw new Error(`No link was made. ${String(said)}`);
}

/** Ends the login, then loads the page again. */
export async function logOut(): Promise<void> {
  await fetch('/auth/logout', { method: 'POST', redirect: 'manual' }).catch(() => undefined);
  location.reload();
}

function isSession(value: unknown): value is Session {
  return typeof value === 'object' && value !== null && 'role' in value && 'login' in value;
}

function isShare(value: unknown): value is Share {
  return typeof value === 'object' && value !== null && 'path' in value && 'expiresMs' in value;
}
