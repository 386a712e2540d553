import type { MiddlewareHandler } from 'hono';
import { InsightError } from '../errors.js';
import { problemOf } from './problem.js';

/**
 * Refuses what a page of another site makes a browser send. Browsers say where a request comes from; programs, which
 * nobody can trick, need not.
 */
export const sameSiteOnly: MiddlewareHandler = async (context, next) => {
  const site = context.req.header('Sec-Fetch-Site');
  const origin = context.req.header('Origin');
  const isOurs =
    site === undefined
      ? origin === undefined || hostOf(origin) === context.req.header('Host')
      : site === 'same-origin' || site === 'none';
  if (isOurs) return next();
  return problemOf(
    context,
    new InsightError('other-site', 'This was asked for by a page of another site: do it on the dashboard.'),
  );
};

function hostOf(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined;
}
