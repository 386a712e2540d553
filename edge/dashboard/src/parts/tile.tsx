import type { ComponentChildren, JSX } from 'preact';
import type { Quantity } from '../figures/formats.js';
import { NO_FIGURE } from '../figures/formats.js';
import { Change, type ChangeProps } from './change.js';

export interface TileProps {
  readonly title: string;
  readonly id?: string;
  /** Null: no figure. */
  readonly value: Quantity | string | null;
  readonly change?: ChangeProps;
  readonly children?: ComponentChildren;
}

/** One key figure, with what explains it below. */
export function Tile({ title, id, value, change, children }: TileProps): JSX.Element {
  return (
    <article class="tile">
      <h3>{title}</h3>
      <p class="figure">
        <span data-id={id}>
          {value === null ? NO_FIGURE : typeof value === 'string' ? value : <Amount {...value} />}
        </span>
        {change !== undefined && <Change {...change} />}
      </p>
      {children !== undefined && <div class="note">{children}</div>}
    </article>
  );
}

function Amount({ value, unit }: Quantity): JSX.Element {
  return (
    <>
      {value} <small>{unit}</small>
    </>
  );
}
