import { RANGE_NAMES, type RangeName } from '../../../src/insight/queries/figures.js';

/** What the page shows is what its address says: back, forward, reload and a link sent to somebody all work. */

export const VIEW_NAMES = [
  'live',
  'savings',
  'quality',
  'audience',
  'streams',
  'edges',
  'integrity',
] as const;
export type ViewName = (typeof VIEW_NAMES)[number];

export const FILTER_NAMES = ['stream', 'pop', 'edge', 'region', 'network', 'device'] as const;
export type FilterName = (typeof FILTER_NAMES)[number];

export const AUDIENCE_PARTS = ['region', 'network', 'device'] as const;
export type AudiencePart = (typeof AUDIENCE_PARTS)[number];

export type Units = 'GB' | 'GiB';

/** Milliseconds since the epoch. */
export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

export interface Address {
  readonly view: ViewName;
  /** Undefined: the view's usual one. */
  readonly time: RangeName | Span | undefined;
  readonly filters: { readonly [Name in FilterName]?: string };
  /** What the audience is told apart by. */
  readonly by: AudiencePart;
  /** Billing plan; undefined: the one in use. */
  readonly plan: string | undefined;
  readonly compare: boolean;
  readonly units: Units;
  /** Column that the table is sorted by; undefined: its usual one. */
  readonly sort: string | undefined;
  /** Part of the name that rows must have. */
  readonly find: string;
  /** Where a list goes on, as the answer before said; undefined: its beginning. */
  readonly after: string | undefined;
}

const MAX_NAME = 1024;

export function usualRange(view: ViewName): RangeName {
  if (view === 'live') return '1h';
  if (view === 'savings') return '30d';
  return view === 'streams' || view === 'edges' ? '24h' : '7d';
}

export function timeOf({ time, view }: Pick<Address, 'time' | 'view'>): RangeName | Span {
  return time ?? usualRange(view);
}

/** Of the part of an address after `?`. What it does not know or cannot use is as if it were not there. */
export function readAddress(search: string): Address {
  const given = new URLSearchParams(search);
  const word = <Word extends string>(name: string, words: readonly Word[]): Word | undefined =>
    words.find((candidate) => candidate === given.get(name));
  const text = (name: string): string | undefined => {
    const value = given.get(name) ?? '';
    return value === '' || value.length > MAX_NAME ? undefined : value;
  };
  const filters: { [Name in FilterName]?: string } = {};
  for (const name of FILTER_NAMES) {
    const value = text(name);
    const isTwofold = AUDIENCE_FILTERS.includes(name) && (filters.stream ?? filters.pop) !== undefined;
    if (value !== undefined && !isTwofold) filters[name] = value;
  }
  return {
    view: word('view', VIEW_NAMES) ?? 'live',
    time: readSpan(given) ?? word('range', RANGE_NAMES),
    filters,
    by: word('by', AUDIENCE_PARTS) ?? 'region',
    plan: text('plan'),
    compare: given.get('compare') === 'previous',
    units: word('units', ['GB', 'GiB']) ?? 'GB',
    sort: text('sort'),
    find: text('find') ?? '',
    after: text('after'),
  };
}

/** From `?` on; what is as usual is left out. */
export function writeAddress(address: Address): string {
  const { view, time, filters, by, plan, compare, units, sort, find, after } = address;
  const words = new URLSearchParams();
  if (view !== 'live') words.set('view', view);
  if (typeof time === 'string') words.set('range', time);
  else if (time !== undefined) {
    words.set('from', String(time.fromMs));
    words.set('to', String(time.toMs));
  }
  for (const name of FILTER_NAMES) {
    const value = filters[name];
    if (value !== undefined) words.set(name, value);
  }
  if (by !== 'region') words.set('by', by);
  if (plan !== undefined) words.set('plan', plan);
  if (compare) words.set('compare', 'previous');
  if (units !== 'GB') words.set('units', units);
  if (sort !== undefined) words.set('sort', sort);
  if (find !== '') words.set('find', find);
  if (after !== undefined) words.set('after', after);
  // Paths of streams stay readable.
  return `?${words.toString().replaceAll('%2F', '/')}`;
}

/** Another view: times, filters and units stay, what belongs to one table does not. */
export function toView(address: Address, view: ViewName): Address {
  return { ...address, view, sort: undefined, find: '', after: undefined };
}

/** Another time. */
export function toTime(address: Address, time: RangeName | Span): Address {
  return { ...address, time, after: undefined };
}

/** Lists from their beginning. */
export function firstPage(address: Address): Address {
  return { ...address, after: undefined };
}

/** Figures are kept by stream and PoP, or by these: never by both. */
const AUDIENCE_FILTERS: readonly FilterName[] = AUDIENCE_PARTS;

/** Undefined takes the filter away. One that another cannot be combined with takes its place. */
export function filtered(address: Address, name: FilterName, value: string | undefined): Address {
  const isOfAudience = AUDIENCE_FILTERS.includes(name);
  const filters: { [Name in FilterName]?: string } = {};
  for (const other of FILTER_NAMES) {
    const kept = address.filters[other];
    const fits = other === 'edge' || name === 'edge' || AUDIENCE_FILTERS.includes(other) === isOfAudience;
    if (other !== name && kept !== undefined && (fits || value === undefined)) filters[other] = kept;
  }
  if (value !== undefined) filters[name] = value;
  return { ...address, filters, after: undefined };
}

/** One stream with all there is to say of it. */
export function toStream(address: Address, stream: string): Address {
  return filtered(toView(address, 'streams'), 'stream', stream);
}

function readSpan(given: URLSearchParams): Span | undefined {
  const [from, to] = [given.get('from') ?? '', given.get('to') ?? ''];
  if (!/^\d{1,14}$/.test(from) || !/^\d{1,14}$/.test(to) || Number(from) >= Number(to)) return undefined;
  return { fromMs: Number(from), toMs: Number(to) };
}
