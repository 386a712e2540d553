import type { Context } from 'hono';
import { z } from 'zod';
import type { Clock } from '../../components.js';
import { InsightError } from '../errors.js';
import type { Scope } from '../readers/reader.js';
import type { Queries } from './queries.js';
import type { SavingsComponents } from './savings-query.js';

export interface QuestionComponents extends SavingsComponents {
  readonly queries: Queries;
  /** Since the epoch. */
  readonly wallClock: Clock;
}

/** One path of the query API: what it takes, what it gives, and how it is answered. */
export interface Question {
  /** Below `/api/`. */
  readonly path: string;
  readonly summary: string;
  /** What it takes, an object. */
  readonly params: z.ZodType;
  /** Names of parameters. */
  readonly takes: readonly string[];
  /** Some of its figures are of everything, whatever it is narrowed to. */
  readonly isBeyondFilters: boolean;
  /** Form of the JSON answer; or media types of another one. */
  readonly gives: z.ZodType | readonly string[];
  /** @throws InsightError */
  answer(components: QuestionComponents, asked: Readonly<Record<string, string>>): Promise<Answer>;
}

/** What is sent as JSON, or a body with its fields. */
export type Answer =
  | { readonly json: unknown }
  | { readonly body: Uint8Array<ArrayBuffer>; readonly fields: Readonly<Record<string, string>> };

interface QuestionOf<Shape extends z.core.$ZodLooseShape> {
  readonly path: string;
  readonly summary: string;
  readonly params: Shape;
  readonly isBeyondFilters?: boolean;
  readonly gives: Question['gives'];
  readonly answer: (
    components: QuestionComponents,
    asked: z.output<z.ZodObject<Shape>>,
  ) => Promise<Answer> | Answer;
}

export function question<Shape extends z.core.$ZodLooseShape>(of: QuestionOf<Shape>): Question {
  const takes = Object.keys(of.params);
  const params = z.strictObject(of.params);
  const { path, summary, gives, isBeyondFilters = false } = of;
  return {
    ...{ path, summary, gives, params, takes, isBeyondFilters },
    async answer(components, asked) {
      const read = params.safeParse(asked);
      if (read.success) return of.answer(components, read.data as z.output<z.ZodObject<Shape>>);
      throw new InsightError(
        'bad-query',
        read.error.issues.map((issue) => problemOf(issue, takes)).join('; '),
      );
    },
  };
}

function problemOf(issue: z.core.$ZodIssue, takes: readonly string[]): string {
  if (issue.code === 'unrecognized_keys') {
    const known = takes.length === 0 ? 'there are none here' : `there are ${takes.join(', ')}`;
    return `${issue.keys.join(', ')} is no parameter of this question: ${known}`;
  }
  return `${issue.path.map(String).join('.')} ${issue.message}`;
}

/** What a guest asks, narrowed to what was shared with him. @throws InsightError `not-shared` */
export function narrowedTo(
  scope: Scope,
  { path, takes, isBeyondFilters }: Question,
  asked: Readonly<Record<string, string>>,
): Record<string, string> {
  const narrow = Object.entries(scope);
  // What takes nothing tells no figures.
  if (narrow.length === 0 || takes.length === 0) return { ...asked };
  const words = narrow.map(([name, value]) => `${name} ${value}`).join(' and ');
  const fits =
    !isBeyondFilters &&
    narrow.every(([name, value]) => takes.includes(name) && (asked[name] ?? value) === value);
  if (fits) return { ...asked, ...scope };
  throw new InsightError(
    'not-shared',
    `Only figures of ${words} are shared with you: ${path} goes beyond that.`,
  );
}

/** Each parameter once. @throws InsightError `bad-query` */
export function asksOf(context: Context): Record<string, string> {
  const asked: Record<string, string> = {};
  for (const [name, values] of Object.entries(context.req.queries())) {
    if (values.length > 1) throw new InsightError('bad-query', `${name} is given ${values.length} times`);
    asked[name] = values[0] ?? '';
  }
  return asked;
}
