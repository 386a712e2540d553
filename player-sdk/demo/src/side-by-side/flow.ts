import { EDGE, OTHERS, type Part } from './ledger.js';

const WIDTH = 440;
const HEIGHT = 270;
const PULSE_MS = 1_600;
const SVG = 'http://www.w3.org/2000/svg';

interface Point {
  readonly x: number;
  readonly y: number;
}

/** The edge above, the viewers below it; what is given lights up a line between the two. */
export class Flow {
  readonly #svg = svg('svg', { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: 'img', class: 'flow' });
  readonly #lines = svg('g');
  readonly #nodes = svg('g');
  #places = new Map<string, Point>();

  constructor(container: HTMLElement) {
    this.#svg.setAttribute('aria-label', 'The edge and the viewers, with a line wherever bytes go');
    const rest = svg('text', { class: 'rest', x: String(WIDTH / 2), y: '135', 'text-anchor': 'middle' });
    rest.textContent = 'Nobody needs anything at the moment';
    this.#svg.append(this.#lines, rest, this.#nodes);
    container.append(this.#svg);
  }

  show(viewers: readonly string[]): void {
    this.#places = placesOf(viewers);
    this.#nodes.replaceChildren(...[...this.#places].map(([name, place]) => node(name, place)));
  }

  pulse(viewer: string, parts: readonly Part[]): void {
    const to = this.#places.get(viewer);
    if (to === undefined) return;
    const all = parts.reduce((sum, { bytes }) => sum + bytes, 0);
    for (const { source, bytes } of parts) {
      const from = this.#places.get(source);
      if (from === undefined) continue;
      const line = svg('path', {
        class: 'pulse',
        d: pathBetween(from, to),
        'stroke-width': String(2 + 5 * (bytes / all)),
        pathLength: '100',
        'data-source': source,
      });
      this.#lines.append(line);
      setTimeout(() => line.remove(), PULSE_MS);
    }
  }
}

/** On an arc, so that a line between two neighbours does not pass through a third. */
function placesOf(viewers: readonly string[]): Map<string, Point> {
  const places = new Map<string, Point>([[EDGE, { x: WIDTH / 2, y: 34 }]]);
  viewers.forEach((name, index) => {
    const part = viewers.length === 1 ? 0.5 : index / (viewers.length - 1);
    const angle = Math.PI * (0.92 - 0.84 * part);
    places.set(name, { x: WIDTH / 2 + 185 * Math.cos(angle), y: 105 + 120 * Math.sin(angle) });
  });
  return places;
}

function pathBetween(from: Point, to: Point): string {
  const middle = { x: (from.x + to.x) / 2, y: (from.y + to.y) / 2 };
  // Bent to the left of its direction: what goes there and what comes back do not cover each other.
  const bend = 0.13;
  const control = { x: middle.x - (to.y - from.y) * bend, y: middle.y + (to.x - from.x) * bend };
  return `M ${from.x} ${from.y} Q ${control.x} ${control.y} ${to.x} ${to.y}`;
}

function node(name: string, { x, y }: Point): SVGElement {
  const group = svg('g', { class: 'node', transform: `translate(${x} ${y})`, 'data-source': name });
  const isEdge = name === EDGE || name === OTHERS;
  const body = isEdge
    ? svg('rect', { x: '-36', y: '-18', width: '72', height: '36', rx: '10' })
    : svg('circle', { r: '20' });
  const label = svg('text', { 'text-anchor': 'middle', dy: '0.35em' });
  label.textContent = name;
  group.append(body, label);
  return group;
}

function svg<Tag extends keyof SVGElementTagNameMap>(
  tag: Tag,
  attributes: Readonly<Record<string, string>> = {},
): SVGElementTagNameMap[Tag] {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}
