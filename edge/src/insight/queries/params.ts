import { ARMS, type Arm } from '@eddy/protocol';
import { z } from 'zod';
import { InsightError } from '../errors.js';
import { GRAIN_MINUTES, type Keys } from '../store/insight-store.js';
import { RANGE_NAMES, type RangeName } from './figures.js';
import { type QueryRange, rangeBetween, rangeEndingAt } from './range.js';

/** Parameters that several questions take. Descriptions and bounds reach the API's own description. */

const MAX_NAME = 1024;
const MAX_SPAN_MS = 3 * 366 * GRAIN_MINUTES.day * 60_000;
const MAX_TIME_MS = 1e14;

/** Where it is not given: undefined. */
type Param<Value> = z.ZodType<Value | undefined, unknown>;

export function name(description: string): Param<string> {
  const message = `has 1 to ${MAX_NAME} characters`;
  return z.string(message).min(1, message).max(MAX_NAME, message).optional().describe(description);
}

export function oneOf<Word extends string>(words: readonly Word[], description: string): Param<Word> {
  return z
    .enum(words, `is one of ${words.join(', ')}`)
    .optional()
    .describe(description);
}

export function whole(min: number, max: number): z.ZodType<number, unknown> {
  const message = `is a whole number from ${min} to ${max}`;
  return z.coerce.number(message).int(message).min(min, message).max(max, message);
}

const time = (description: string): Param<number> =>
  whole(0, MAX_TIME_MS).optional().describe(`${description} Milliseconds since the epoch.`);

export interface RangeParams {
  readonly range?: RangeName | undefined;
  readonly from?: number | undefined;
  readonly to?: number | undefined;
}

export const RANGE: { readonly [Key in keyof RangeParams]-?: Param<NonNullable<RangeParams[Key]>> } = {
  range: z
    .enum(RANGE_NAMES, `is one of ${RANGE_NAMES.join(', ')}`)
    .optional()
    .describe('The time up to now. Default 1h. Without `from` and `to`.'),
  from: time('Beginning of another range, rounded down to its steps. With `to`.'),
  to: time('Its end, rounded up to its steps; at most 3 years after `from`.'),
};

/** @throws InsightError `bad-query` */
export function rangeOf({ range, from, to }: RangeParams, nowMs: number): QueryRange {
  if (from === undefined && to === undefined) return rangeEndingAt(range ?? '1h', nowMs);
  if (from !== undefined && to !== undefined && from < to && to - from <= MAX_SPAN_MS) {
    return rangeBetween(from, to);
  }
  throw new InsightError(
    'bad-query',
    'from and to come together, in milliseconds since the epoch: from before to, at most 3 years apart',
  );
}

export const STREAM: { readonly stream: Param<string> } = {
  stream: name('Only of this stream: path of its playlist, as `presentation` in `streams`.'),
};
export const POP: { readonly pop: Param<string> } = {
  pop: name('Only of edges at this point of presence (`insight.pop`).'),
};
export const AUDIENCE: { readonly [Key in 'region' | 'network' | 'device']: Param<string> } = {
  region: name('Only of viewers in this region, as in `audience`. Not with `stream` and `pop`.'),
  network: name('Only of viewers in this network. Not with `stream` and `pop`.'),
  device: name('Only of viewers with devices of this kind. Not with `stream` and `pop`.'),
};

export const ARM: { readonly arm: Param<Arm> } = {
  arm: oneOf(ARMS, 'Only of viewers who may have peers (`treated`), or of those who may not.'),
};

export interface PageParams {
  readonly limit: Param<number>;
  readonly cursor: Param<string>;
}

export function page(most: number, usual: string): PageParams {
  return {
    limit: whole(1, most).optional().describe(`Most rows of an answer. Default ${usual}.`),
    cursor: name(
      'Where the page before said that the next one begins; with the same filters. Its range counts.',
    ),
  };
}

/** Those that are given. */
export function given(params: Readonly<Record<string, string | undefined>>): Keys {
  return Object.fromEntries(
    Object.entries(params).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
