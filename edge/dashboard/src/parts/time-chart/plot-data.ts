import type { RangeFigures } from '../../../../src/insight/queries/figures.js';

/** Names of the style sheet's colours. */
export type Colour = '--peer' | '--edge' | '--third' | '--quiet';

export interface Series {
  readonly label: string;
  readonly colour: Colour;
  /** Stacked ones lie on each other as bars, the first at the bottom; an interval lies between `low` and `high`. */
  readonly kind: 'stack' | 'line' | 'dashed' | 'low' | 'high';
  /** One a step; null: no figure. */
  readonly values: readonly (number | null)[];
}

/** What is drawn, in this order: later ones lie above earlier ones. */
export interface Drawn {
  readonly series: Series;
  /** Only the step that is still growing, to be told apart from those that are over. */
  readonly isGrowing: boolean;
  /** Of stacked ones, with what is below them. */
  readonly values: (number | null)[];
}

/**
 * Stacked bars are drawn over each other from the highest down, so that of each only the part shows that those below
 * do not cover; lines come last. Where the last step is growing, it is drawn by itself.
 */
export function drawnOrder(series: readonly Series[], isLastGrowing = false): Drawn[] {
  const stacked: Drawn[] = [];
  let below: readonly (number | null)[] | undefined;
  for (const one of series.filter(({ kind }) => kind === 'stack')) {
    const values = one.values.map((value, at) => (value ?? 0) + (below?.[at] ?? 0));
    stacked.push({ series: one, isGrowing: false, values });
    below = values;
  }
  const lines = series
    .filter(({ kind }) => kind !== 'stack')
    .map((one) => ({ series: one, isGrowing: false, values: [...one.values] }));
  const all = [...stacked.reverse(), ...lines];
  return isLastGrowing ? all.flatMap(parted) : all;
}

/** All but the last step, and that one apart: of a line with the step before it, so that they are joined. */
function parted(drawn: Drawn): Drawn[] {
  const { series, values } = drawn;
  if (series.kind !== 'stack' && series.kind !== 'line') return [drawn];
  const last = values.length - 1;
  const joined = series.kind === 'line' ? last - 1 : last;
  return [
    { series, isGrowing: false, values: values.map((value, at) => (at < last ? value : null)) },
    { series, isGrowing: true, values: values.map((value, at) => (at < joined ? null : value)) },
  ];
}

/** Of a step that began less than this ago nothing is known: viewers report every ten seconds, edges every minute. */
const KNOWN_AFTER_MS = 60_000;

/** How much of the last step has passed. */
export type LastStep = 'begun' | 'growing' | 'over';

/** A range that is called by its name ends with the step under way, whatever the reader's clock says. */
export function lastStepOf(
  { name }: RangeFigures,
  { startMs, endMs }: { readonly startMs: number; readonly endMs: number },
  nowMs: number,
): LastStep {
  if (name === null && endMs <= nowMs) return 'over';
  return nowMs - startMs < KNOWN_AFTER_MS ? 'begun' : 'growing';
}

/** The same without its last step. */
export function withoutLast(series: readonly Series[]): Series[] {
  return series.map((one) => ({
    ...one,
    values: one.values.map((value, at) => (at < one.values.length - 1 ? value : null)),
  }));
}

/** A colour between two, both as `#rrggbb`. */
export function mixed(colour: string, other: string): string {
  const channel = (of: string, at: number): number => Number.parseInt(of.slice(1 + 2 * at, 3 + 2 * at), 16);
  const channels = [0, 1, 2].map((at) => Math.round((channel(colour, at) + channel(other, at)) / 2));
  return `#${channels.map((value) => value.toString(16).padStart(2, '0')).join('')}`;
}

/** A line needs two points: those without a neighbour are drawn as dots. */
export function lonePoints(values: ArrayLike<number | null | undefined>): number[] {
  const isEmpty = (index: number): boolean => (values[index] ?? null) === null;
  return Array.from(values, (_, index) => index).filter(
    (index) => !isEmpty(index) && isEmpty(index - 1) && isEmpty(index + 1),
  );
}
