import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { RangeFigures } from '../../../../src/insight/queries/figures.js';
import { NO_FIGURE } from '../../figures/formats.js';
import { tickSteps } from '../../figures/times.js';
import { useSite } from '../../shell/site.js';
import { Plot } from './plot.js';
import { lastStepOf, type Series, withoutLast } from './plot-data.js';

export interface TimeChartProps {
  /** One sentence for those who cannot see it; the figures are in the card's table. */
  readonly summary: string;
  readonly range: RangeFigures;
  readonly stepSeconds: number;
  /** Where the steps begin, in milliseconds. */
  readonly startsMs: readonly number[];
  readonly series: readonly Series[];
  readonly isShare?: boolean;
  /** A value in full, in the legend. */
  readonly show: (value: number) => string;
  /** The same beside the axis. Default: as in full. */
  readonly label?: (value: number) => string;
}

/** Values over time, with a legend that tells those under the pointer. */
export function TimeChart(props: TimeChartProps): JSX.Element {
  const { summary, range, stepSeconds, startsMs, isShare = false, show, label = show } = props;
  const { times, nowMs } = useSite();
  const lastMs = startsMs.at(-1) ?? range.fromMs;
  const lastStep = lastStepOf(range, { startMs: lastMs, endMs: lastMs + stepSeconds * 1000 }, nowMs);
  const isLastGrowing = lastStep === 'growing';
  const series = lastStep === 'begun' ? withoutLast(props.series) : props.series;
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<Plot>();
  const [index, setIndex] = useState<number>();
  useEffect(() => {
    if (place.current === null) return;
    const made = new Plot(place.current, setIndex);
    plot.current = made;
    return () => made.remove();
  }, []);
  useEffect(() => {
    const span = [range.fromMs / 1000, range.toMs / 1000] as const;
    plot.current?.show({
      ...{ span, series, isLastGrowing, isShare, label, tickSteps: tickSteps(span[1] - span[0]) },
      at: startsMs.map((ms) => ms / 1000 + stepSeconds / 2),
      tick: (seconds) => times.tick(span[1] - span[0], seconds),
    });
  });
  const start = index === undefined ? undefined : startsMs[index];
  const isGrowing = lastStep !== 'over' && index !== undefined && index === startsMs.length - 1;
  return (
    <figure>
      <figcaption class="legend">
        {keysOf(series, index, show).map(({ series: one, value }) => (
          <Key series={one} value={value} key={`${one.label} ${one.kind}`} />
        ))}
        <span class="moment">
          {start !== undefined && times.step(stepSeconds, start / 1000) + (isGrowing ? ', so far' : '')}
          {start === undefined && isLastGrowing && `${growingWord(series)}: so far`}
        </span>
      </figcaption>
      <div class="chart" ref={place} role="img" aria-label={summary} />
    </figure>
  );
}

/** How the step that is still growing looks. */
function growingWord(series: readonly Series[]): string {
  return series.some(({ kind }) => kind === 'stack') ? 'Pale' : 'Dashed end';
}

function Key({
  series,
  value,
}: {
  readonly series: Series;
  readonly value: string | undefined;
}): JSX.Element {
  const { kind, colour, label } = series;
  return (
    <span>
      <i class={`swatch ${kind} ${colour.slice(2)}`} />
      {label}
      {value !== undefined && <b>{value}</b>}
    </span>
  );
}

/** One for each series; the ends of an interval have one together. */
function keysOf(
  series: readonly Series[],
  index: number | undefined,
  show: (value: number) => string,
): { readonly series: Series; readonly value: string | undefined }[] {
  const low = series.find(({ kind }) => kind === 'low');
  return series
    .filter((one) => one !== low)
    .map((one) => {
      const value = shown(one, index, show);
      const from = one.kind === 'high' && low !== undefined ? shown(low, index, show) : undefined;
      return { series: one, value: from === undefined || from === value ? value : `${from} to ${value}` };
    });
}

function shown(
  { values }: Series,
  index: number | undefined,
  show: (value: number) => string,
): string | undefined {
  if (index === undefined) return undefined;
  const value = values[index];
  return value === null || value === undefined ? NO_FIGURE : show(value);
}
