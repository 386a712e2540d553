import type { Question } from './answers.js';

/** Asks once. Null: this edge does not know the question. @throws Error whose message can be shown. */
export type Ask = (question: Question, abort: AbortSignal) => Promise<unknown>;

const TIMEOUT_MS = 15_000;

/** Over HTTP, of the edge that served the page. */
export const askEdge: Ask = async ({ path, needs }, abort) => {
  let response: Response;
  try {
    const signal = AbortSignal.any([abort, AbortSignal.timeout(TIMEOUT_MS)]);
    response = await fetch(`/api/${path}`, { signal, headers: { Accept: 'application/json' } });
  } catch {
    throw new Error('The edge does not answer.');
  }
  if (response.status === 404) return null;
  if (!response.ok) throw new Error(await problemOf(response));
  const answer: unknown = await response.json().catch(() => undefined);
  if (!has(answer, needs)) {
    throw new Error('The edge answers in another version than this page: reload it.');
  }
  return answer;
};

async function problemOf(response: Response): Promise<string> {
  const { status } = response;
  if (status === 401 || status === 403)
    return 'You are not logged in, or may not read this: reload the page.';
  const body: unknown = await response.json().catch(() => undefined);
  const said = has(body, ['message']) ? String(body.message) : undefined;
  if (status === 401) return `You are not logged in, or no longer: reload the page. ${said ?? ''}`.trim();
  if (status === 403) return said ?? 'You may not read this.';
  if (status === 400) return `The edge does not understand what is asked: ${said ?? 'it does not say why'}.`;
  return `The edge cannot read its figures now (${said ?? `status ${status}`}).`;
}

function has<Key extends string>(value: unknown, keys: readonly Key[]): value is Record<Key, unknown> {
  return typeof value === 'object' && value !== null && keys.every((key) => key in value);
}
