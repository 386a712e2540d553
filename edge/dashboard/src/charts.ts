import uPlot from 'uplot';
import { bytes, percent, text } from '../../src/insight/page/format.js';
import type { RangeName, Timeline } from './api.js';
import { Chart, colour } from './chart.js';
import { byId, make, setText } from './elements.js';
import { moment, stepLabel } from './time-axis.js';

type Point = Timeline['points'][number];

/** Both charts over time, each with a line of figures for the point under the pointer. */
export class Charts {
  readonly #delivered: Chart;
  readonly #offload: Chart;
  #timeline: Timeline | undefined;
  #deliveredAt: number | undefined;
  #offloadAt: number | undefined;

  constructor() {
    const bars = uPlot.paths.bars?.({ size: [0.78, 26], align: 0, radius: 0.08 });
    const barSeries = (fill: string): uPlot.Series => ({
      fill,
      width: 0,
      points: { show: false },
      ...(bars === undefined ? {} : { paths: bars }),
    });
    this.#delivered = new Chart(byId('delivered-chart'), () => ({
      // Edge bars lie before those of all bytes, so what shows of the latter is what peers gave.
      series: [barSeries(colour('--peer')), barSeries(colour('--edge'))],
      scale: { range: (_, __, most) => [0, most > 0 ? most * 1.06 : 1] },
      label: (value) => (value === 0 ? '0' : shortBytes(value)),
      axisWidth: 66,
      onPoint: (index) => {
        this.#deliveredAt = index;
        this.#showDelivered(index);
      },
    }));
    this.#offload = new Chart(byId('offload-chart'), () => ({
      series: [
        {
          stroke: colour('--peer'),
          fill: `${colour('--peer')}22`,
          width: 2,
          points: { show: true, size: 6, fill: colour('--peer'), filter: lonePoints },
        },
      ],
      scale: { range: [0, 1] },
      label: (value) => `${Math.round(value * 100)}%`,
      axisWidth: 50,
      onPoint: (index) => {
        this.#offloadAt = index;
        this.#showOffload(index);
      },
    }));
  }

  show(timeline: Timeline): void {
    this.#timeline = timeline;
    const { points, stepSeconds, range } = timeline;
    const middles = points.map(({ startMs }) => startMs / 1000 + stepSeconds / 2);
    const all = points.map(({ edgeBytes, peerBytes }) => edgeBytes + peerBytes);
    const edge = points.map(({ edgeBytes }) => edgeBytes);
    const span = [range.fromMs / 1000, range.toMs / 1000] as const;
    this.#delivered.show(range.name ?? '1h', span, [middles, all, edge]);
    this.#offload.show(range.name ?? '1h', span, [middles, points.map(({ offload }) => offload)]);
    setText('delivered-step', stepLabel(stepSeconds));
    this.#showDelivered(this.#deliveredAt);
    this.#showOffload(this.#offloadAt);
  }

  #showDelivered(index: number | undefined): void {
    const point = this.#point(index);
    const amount = (of: number | undefined): string => (of === undefined ? '' : ` ${text(bytes(of))}`);
    byId('delivered-legend').replaceChildren(
      ...this.#when(index),
      source('peer', 'Peers', amount(point?.peerBytes)),
      source('edge', 'Edge', amount(point?.edgeBytes)),
    );
  }

  #showOffload(index: number | undefined): void {
    const point = this.#point(index);
    if (point === undefined) byId('offload-legend').replaceChildren('share of bytes from peers');
    else byId('offload-legend').replaceChildren(...this.#when(index), make('b', {}, percent(point.offload)));
  }

  #point(index: number | undefined): Point | undefined {
    return index === undefined ? undefined : this.#timeline?.points[index];
  }

  #when(index: number | undefined): HTMLElement[] {
    const point = this.#point(index);
    const range: RangeName = this.#timeline?.range.name ?? '1h';
    if (point === undefined) return [];
    const growing = point === this.#timeline?.points.at(-1) ? ', so far' : '';
    return [make('span', {}, moment(range, point.startMs / 1000) + growing)];
  }
}

/** A line needs two points: those without a neighbour are drawn as dots. */
function lonePoints(plot: uPlot, series: number): number[] {
  const values = plot.data[series] ?? [];
  const empty = (index: number): boolean => (values[index] ?? null) === null;
  return [...values.keys()].filter((index) => !empty(index) && empty(index - 1) && empty(index + 1));
}

function source(kind: 'peer' | 'edge', name: string, amount: string): HTMLElement {
  return make('span', {}, make('i', { class: `dot ${kind}` }), name, make('b', {}, amount));
}

/** Beside an axis digits that say nothing are left out: 2 GB, not 2.00 GB. */
function shortBytes(amount: number): string {
  const { value, unit } = bytes(amount);
  return `${Number(value)} ${unit}`;
}
