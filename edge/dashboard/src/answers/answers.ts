import type { Arm } from '@eddy/protocol';
import type { PriceList } from '../../../src/insight/prices/plans.js';
import type {
  Audience,
  Edges,
  Integrity,
  Quality,
  RangeFigures,
  Savings,
  SavingsTrend,
  Streams,
  Summary,
  Timeline,
} from '../../../src/insight/queries/figures.js';
import { type Address, type FilterName, firstPage, type Span, timeOf } from '../address/address.js';

/** What can be asked of the edge, each by its path below `/api/`. */
export interface Answers {
  readonly summary: Summary;
  readonly timeline: Timeline;
  /** The same of viewers with peers, and of the holdout. */
  readonly treatedTimeline: Timeline;
  readonly holdoutTimeline: Timeline;
  readonly streams: Streams;
  readonly quality: Quality;
  readonly audience: Audience;
  readonly integrity: Integrity;
  readonly edges: Edges;
  readonly savings: Savings;
  readonly savingsTrend: SavingsTrend;
  readonly prices: PriceList;
}

export type AnswerName = keyof Answers;

/** Null: this edge does not know that question. */
export type Answered = { readonly [Name in AnswerName]?: Answers[Name] | null };

export interface Question {
  readonly path: string;
  /** What an answer must have to be understood. */
  readonly needs: readonly string[];
}

interface Rule {
  /** Default: its name. */
  readonly path?: string;
  readonly needs: readonly string[];
  /** What it can be narrowed to. */
  readonly filters: readonly FilterName[];
  /** Not of any time. */
  readonly timeless?: true;
  readonly more?: (address: Address) => Readonly<Record<string, string | undefined>>;
}

const AUDIENCE_FILTERS = ['region', 'network', 'device'] as const;
const FILTERS = ['stream', 'pop', ...AUDIENCE_FILTERS] as const;

const RULES: Readonly<Record<AnswerName, Rule>> = {
  summary: { needs: ['range', 'nowMs', 'live', 'total', 'arms'], filters: FILTERS },
  timeline: { needs: ['range', 'stepSeconds', 'points'], filters: FILTERS },
  treatedTimeline: armTimeline('treated'),
  holdoutTimeline: armTimeline('holdout'),
  streams: {
    needs: ['range', 'streams', 'nextCursor'],
    filters: ['pop'],
    more: ({ view, after }) => ({ limit: '100', cursor: view === 'streams' ? after : undefined }),
  },
  quality: { needs: ['range', 'arms'], filters: FILTERS },
  audience: { needs: ['range', 'by', 'parts'], filters: AUDIENCE_FILTERS, more: ({ by }) => ({ by }) },
  integrity: {
    needs: ['range', 'total', 'streams', 'unreportedBytes', 'swarm'],
    filters: ['stream', 'pop'],
  },
  edges: { needs: ['range', 'stepSeconds', 'total', 'points', 'edges'], filters: ['pop', 'edge'] },
  savings: {
    needs: ['range', 'saved', 'egress', 'money'],
    filters: ['stream', 'pop'],
    more: ({ plan }) => ({ plan }),
  },
  savingsTrend: {
    path: 'savings-trend',
    needs: ['range', 'stepSeconds', 'points'],
    filters: ['stream', 'pop'],
  },
  prices: { needs: ['plans', 'use'], filters: [], timeless: true },
};

function armTimeline(arm: Arm): Rule {
  return {
    path: 'timeline',
    needs: ['range', 'stepSeconds', 'points'],
    filters: FILTERS,
    more: () => ({ arm }),
  };
}

/** Filters that count for at least one of these answers. */
export function filtersOf(names: readonly AnswerName[]): FilterName[] {
  return [...new Set(names.flatMap((name) => RULES[name].filters))];
}

/** @param time Instead of the address's own. */
export function questionOf(name: AnswerName, address: Address, time: Span | undefined): Question {
  const { path = name, needs, filters, timeless, more } = RULES[name];
  const words = new URLSearchParams();
  const asked = time ?? timeOf(address);
  // Where a list goes on is of its own time.
  const asksFirst = time !== undefined;
  if (timeless !== true && typeof asked === 'string') words.set('range', asked);
  else if (timeless !== true && typeof asked !== 'string') {
    words.set('from', String(asked.fromMs));
    words.set('to', String(asked.toMs));
  }
  for (const filter of filters) {
    const value = address.filters[filter];
    if (value !== undefined) words.set(filter, value);
  }
  for (const [word, value] of Object.entries(more?.(asksFirst ? firstPage(address) : address) ?? {})) {
    if (value !== undefined) words.set(word, value);
  }
  return { path: words.size === 0 ? path : `${path}?${words}`, needs };
}

/** The time that these answers are of. */
export function rangeOf(answered: Answered): RangeFigures | undefined {
  for (const answer of Object.values(answered)) {
    if (answer !== null && 'range' in answer) return answer.range;
  }
  return undefined;
}
