import uPlot from 'uplot';
import type { RangeName } from './api.js';
import { TICK_STEPS, tick } from './time-axis.js';

/** Names of the style sheet's colours. */
export type Colour = '--peer' | '--edge' | '--grid' | '--quiet' | '--card';

export interface ChartOptions {
  readonly series: uPlot.Series[];
  readonly scale: uPlot.Scale;
  /** Label of a value beside the axis. */
  readonly label: (value: number) => string;
  readonly axisWidth: number;
  /** Index of the point under the pointer; undefined when there is none. */
  readonly onPoint: (index: number | undefined) => void;
}

/** One chart in its place: as wide as that, in the colours of the theme. */
export class Chart {
  readonly #place: HTMLElement;
  readonly #options: () => ChartOptions;
  #plot: uPlot | undefined;
  #data: uPlot.AlignedData | undefined;
  #range: RangeName = '1h';
  #span: readonly [number, number] = [0, 1];

  constructor(place: HTMLElement, options: () => ChartOptions) {
    this.#place = place;
    this.#options = options;
    new ResizeObserver(() => this.#plot?.setSize(this.#size())).observe(place);
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.#draw());
  }

  /** `span` is what the time axis shows, in seconds: also of a step that has just begun. */
  show(range: RangeName, span: readonly [number, number], data: uPlot.AlignedData): void {
    const sameRange = range === this.#range;
    this.#range = range;
    this.#span = span;
    this.#data = data;
    if (this.#plot !== undefined && sameRange) this.#plot.setData(data);
    else this.#draw();
  }

  #draw(): void {
    if (this.#data === undefined) return;
    this.#plot?.destroy();
    const { series, scale, label, axisWidth, onPoint } = this.#options();
    const font = '12px system-ui, "Liberation Sans", sans-serif';
    const common = { stroke: colour('--quiet'), font, ticks: { show: false } };
    this.#plot = new uPlot(
      {
        ...this.#size(),
        padding: [10, 18, 0, 0],
        legend: { show: false },
        cursor: { y: false, drag: { x: false, y: false }, points: { show: false } },
        scales: { x: { time: true, range: () => [...this.#span] }, y: scale },
        series: [{}, ...series],
        axes: [
          {
            ...common,
            space: 58,
            size: 30,
            gap: 7,
            incrs: TICK_STEPS,
            grid: { show: false },
            values: (_, ticks) => ticks.map((at) => tick(this.#range, at)),
          },
          {
            ...common,
            space: 44,
            size: axisWidth,
            gap: 8,
            grid: { stroke: colour('--grid'), width: 1 },
            values: (_, ticks) => ticks.map(label),
          },
        ],
        hooks: { setCursor: [({ cursor }) => onPoint(cursor.idx ?? undefined)] },
      },
      this.#data,
      this.#place,
    );
  }

  #size(): { width: number; height: number } {
    const style = getComputedStyle(this.#place);
    const padding = Number.parseFloat(style.paddingLeft) + Number.parseFloat(style.paddingRight);
    return { width: Math.max(160, this.#place.clientWidth - padding), height: this.#place.clientHeight };
  }
}

export function colour(name: Colour): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}
