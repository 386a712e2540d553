import type { JSX } from 'preact';
import { useRef } from 'preact/hooks';
import { toStream, writeAddress } from '../../address/address.js';
import type { Column } from '../../figures/table.js';
import { Card } from '../../parts/card.js';
import { useWidth } from '../../parts/use-width.js';
import { useSite } from '../../shell/site.js';
import type { StreamRow } from './stream-columns.js';
import { type Dot, swarmSizes } from './swarm-size.js';

const HEIGHT = 260;
const LEFT = 46;
const RIGHT = 24;
const TOP = 14;
const BOTTOM = 34;
const SHARES = [0, 0.25, 0.5, 0.75, 1];

const FIGURES = ['stream', 'mean_viewers', 'offload', 'delivered_bytes'];

/** The chart with its figures as a file. */
export function SwarmSizeCard(props: {
  readonly rows: readonly StreamRow[];
  /** Of streams: those that it shows are taken of them. */
  readonly columns: readonly Column<StreamRow>[];
}): JSX.Element {
  const columns = props.columns.filter(({ csv }) => FIGURES.includes(csv)).map(always);
  return (
    <Card
      title="Swarm size and offload"
      about="viewers at a time, on average, against the share of bytes from peers"
      table={{ name: 'swarm-sizes', columns, rows: props.rows }}
    >
      <SwarmSizeChart rows={props.rows} />
    </Card>
  );
}

/** There are few of them: none has to leave. */
function always(column: Column<StreamRow>): Column<StreamRow> {
  return { ...column, priority: 1 };
}

/** Each stream a dot: more viewers to the right, more offload above. The table below has the same, with links. */
function SwarmSizeChart({ rows }: { readonly rows: readonly StreamRow[] }): JSX.Element {
  const { formats } = useSite();
  const place = useRef<HTMLDivElement>(null);
  const width = useWidth(place) ?? 320;
  const xOf = (x: number): number => LEFT + 14 + x * (width - LEFT - RIGHT - 28);
  const { dots, ticks } = swarmSizes(rows);
  return (
    <figure>
      <figcaption class="legend">
        <span>
          <i class="swatch dot peer" />A stream; its area is what it delivered
        </span>
      </figcaption>
      <div class="scatter" ref={place}>
        <svg width={width} height={HEIGHT}>
          <title>Offload of streams by their viewers at a time</title>
          {SHARES.map((share) => (
            <g key={share}>
              <line class="grid" x1={LEFT} x2={width - RIGHT} y1={yOf(share)} y2={yOf(share)} />
              <text x={LEFT - 8} y={yOf(share) + 4} text-anchor="end">
                {Math.round(share * 100)}%
              </text>
            </g>
          ))}
          {ticks.map(({ viewers, x }) => (
            <text key={viewers} x={xOf(x)} y={HEIGHT - 10} text-anchor="middle">
              {formats.amountTick(viewers)}
            </text>
          ))}
          {dots.map((dot) => (
            <StreamDot dot={dot} x={xOf(dot.x)} key={dot.presentation} />
          ))}
        </svg>
      </div>
    </figure>
  );
}

function StreamDot({ dot, x }: { readonly dot: Dot; readonly x: number }): JSX.Element {
  const { address, formats, go } = useSite();
  const to = toStream(address, dot.presentation);
  const [viewers, offload] = [formats.amount(dot.viewers), formats.percent(dot.offload)];
  const words = `${dot.presentation}: ${viewers} viewers at a time, ${offload} offload`;
  return (
    <a
      href={writeAddress(to)}
      aria-label={words}
      tabIndex={-1}
      onClick={(event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return;
        event.preventDefault();
        go(to);
      }}
    >
      <title>{words}</title>
      <circle cx={x} cy={yOf(dot.y)} r={4 + 14 * dot.size} />
    </a>
  );
}

function yOf(share: number): number {
  return TOP + (1 - share) * (HEIGHT - TOP - BOTTOM);
}
