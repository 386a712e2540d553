import uPlot from 'uplot';
import { THEME_EVENT } from '../../shell/use-theme.js';
import { type Colour, type Drawn, drawnOrder, lonePoints, mixed, type Series } from './plot-data.js';

export interface PlotContent {
  /** In seconds since the epoch: what the axis shows, also of a step that has just begun. */
  readonly span: readonly [number, number];
  /** Middles of the steps, in seconds. */
  readonly at: readonly number[];
  readonly series: readonly Series[];
  readonly isLastGrowing: boolean;
  /** Values are shares: the axis goes from 0 to 1. */
  readonly isShare: boolean;
  readonly tick: (seconds: number) => string;
  readonly label: (value: number) => string;
  readonly tickSteps: readonly number[];
}

const AXIS_FONT = '12px system-ui, "Liberation Sans", sans-serif';
const AXIS_WIDTH = 78;

/** One chart in its place: as wide as that, in the colours of the theme. */
export class Plot {
  readonly #place: HTMLElement;
  readonly #onPoint: (index: number | undefined) => void;
  readonly #resizes: ResizeObserver;
  readonly #dark: MediaQueryList = matchMedia('(prefers-color-scheme: dark)');
  readonly #redraw = (): void => this.#draw();
  #plot: uPlot | undefined;
  #content: PlotContent | undefined;
  #shape = '';

  constructor(place: HTMLElement, onPoint: (index: number | undefined) => void) {
    this.#place = place;
    this.#onPoint = onPoint;
    this.#resizes = new ResizeObserver(() => this.#plot?.setSize(this.#size()));
    this.#resizes.observe(place);
    this.#dark.addEventListener('change', this.#redraw);
    addEventListener(THEME_EVENT, this.#redraw);
  }

  /** New values of the same series are laid into the chart as it is. */
  show(content: PlotContent): void {
    const { series, isShare, isLastGrowing, span } = content;
    const shape = JSON.stringify([
      series.map(({ label, kind, colour }) => [label, kind, colour]),
      isShare,
      isLastGrowing,
      span[1] - span[0],
    ]);
    this.#content = content;
    if (this.#plot !== undefined && shape === this.#shape) this.#plot.setData(dataOf(content));
    else this.#draw();
    this.#shape = shape;
  }

  remove(): void {
    this.#resizes.disconnect();
    this.#dark.removeEventListener('change', this.#redraw);
    removeEventListener(THEME_EVENT, this.#redraw);
    this.#plot?.destroy();
  }

  #draw(): void {
    const content = this.#content;
    if (content === undefined) return;
    this.#plot?.destroy();
    const drawn = drawnOrder(content.series, content.isLastGrowing);
    const isAlone = content.series.filter(({ kind }) => kind === 'line').length === 1;
    const common = { stroke: colour('--quiet'), font: AXIS_FONT, ticks: { show: false } };
    const options: uPlot.Options = {
      ...this.#size(),
      padding: [10, 26, 0, 0],
      legend: { show: false },
      cursor: { y: false, drag: { x: false, y: false }, points: { show: false } },
      scales: {
        x: { time: true, range: () => [...(this.#content?.span ?? [0, 1])] },
        y: { range: content.isShare ? [0, 1] : (_, least, most) => roomFor(least, most) },
      },
      series: [{}, ...drawn.map((one) => seriesOf(one, isAlone))],
      bands: bandsOf(drawn),
      axes: [
        {
          ...common,
          ...{ space: 62, size: 30, gap: 7, incrs: [...content.tickSteps], grid: { show: false } },
          values: (_, ticks) => ticks.map((at) => this.#content?.tick(at) ?? ''),
        },
        {
          ...common,
          ...{ space: 44, size: AXIS_WIDTH, gap: 8, grid: { stroke: colour('--grid'), width: 1 } },
          values: (_, ticks) => ticks.map((value) => this.#content?.label(value) ?? ''),
        },
      ],
      hooks: { setCursor: [({ cursor }) => this.#onPoint(cursor.idx ?? undefined)] },
    };
    this.#plot = new uPlot(options, dataOf(content), this.#place);
  }

  #size(): { width: number; height: number } {
    return { width: Math.max(160, this.#place.clientWidth), height: this.#place.clientHeight };
  }
}

function dataOf({ at, series, isLastGrowing }: PlotContent): uPlot.AlignedData {
  return [[...at], ...drawnOrder(series, isLastGrowing).map(({ values }) => values)];
}

/** From nothing up, and a little above the highest; below nothing only where values are. */
function roomFor(least: number | null, most: number | null): [number, number] {
  const [low, high] = [Math.min(0, least ?? 0), Math.max(0, most ?? 0)];
  if (low === 0 && high === 0) return [0, 1];
  return [low * 1.08, high * 1.08];
}

/** @param isAlone The only line: others would be hidden by what is below it. */
function seriesOf({ series, isGrowing }: Drawn, isAlone: boolean): uPlot.Series {
  const stroke = colour(series.colour);
  switch (series.kind) {
    case 'stack': {
      const paths = uPlot.paths.bars?.({ size: [0.8, 26], align: 0, radius: 0.06 });
      // What is below must not shine through.
      const fill = isGrowing ? mixed(stroke, colour('--card')) : stroke;
      return { fill, width: 0, points: { show: false }, ...(paths === undefined ? {} : { paths }) };
    }
    case 'line':
      return {
        ...{ stroke, width: 2, ...(isGrowing ? { dash: [3, 4] } : isAlone ? { fill: `${stroke}1f` } : {}) },
        points: { show: true, size: 6, fill: stroke, filter: (plot, at) => lonePoints(plot.data[at] ?? []) },
      };
    case 'dashed':
      return { stroke, width: 1.5, dash: [4, 4], spanGaps: true, points: { show: false } };
    case 'low':
    case 'high':
      return { stroke: `${stroke}00`, width: 0, points: { show: false } };
  }
}

/** Between `high` and the `low` that follows it. */
function bandsOf(drawn: readonly Drawn[]): uPlot.Band[] {
  const at = (kind: Series['kind']): number => drawn.findIndex(({ series }) => series.kind === kind);
  const [high, low] = [at('high'), at('low')];
  const fill = drawn[high]?.series.colour;
  if (low < 0 || fill === undefined) return [];
  return [{ series: [high + 1, low + 1], fill: `${colour(fill)}33` }];
}

function colour(name: Colour | '--grid' | '--card'): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}
