import type { Context } from 'hono';
import { InsightError, type InsightErrorCode } from '../errors.js';
import type { QueryProblem } from '../queries/figures.js';
import { messagePage } from './message-page.js';

const STATUS: { readonly [Code in InsightErrorCode]?: 400 | 401 | 403 } = {
  'bad-query': 400,
  'login-needed': 401,
  'login-failed': 401,
  'not-a-reader': 403,
  'not-shared': 403,
  'cannot-share': 403,
  'other-site': 403,
};

/** As JSON. Other errors than ours are thrown on. */
export function problemOf(context: Context, error: unknown): Response {
  if (!(error instanceof InsightError)) throw error;
  const problem: QueryProblem = { error: error.code, message: error.message };
  return context.json(problem, STATUS[error.code] ?? 503);
}

/** The same for people. */
export function pageOf(context: Context, error: unknown): Response {
  if (!(error instanceof InsightError)) throw error;
  const login = error.code === 'login-failed';
  return messagePage(context, error.message, STATUS[error.code] ?? 503, { login });
}
