import type { JSX } from 'preact';
import { changeOf, differenceOf } from '../figures/comparison.js';
import { useSite } from '../shell/site.js';

export interface ChangeProps {
  readonly now: number | null;
  readonly before: number | null | undefined;
  /** What is welcome. */
  readonly good: 'more' | 'less' | 'neither';
  /** They are shares: what lies between them is told in points. */
  readonly isShare?: boolean;
  /** They are sums, and of this time not all has passed yet. */
  readonly isSum?: boolean;
}

/** How much more or less than in the time before. Nothing where there is nothing to compare with. */
export function Change(props: ChangeProps): JSX.Element | null {
  const { now, good, isShare = false, isSum = false } = props;
  const { formats, passed } = useSite();
  const before = isSum && typeof props.before === 'number' ? props.before * passed : props.before;
  const change = isShare ? differenceOf(now, before) : changeOf(now, before);
  if (change === undefined) return null;
  const shown = isShare ? formats.points(change) : formats.change(change);
  const isNone = !/[1-9]/.test(shown);
  const isGood = good !== 'neither' && !isNone && change > 0 === (good === 'more');
  const tone = good === 'neither' || isNone ? 'even' : isGood ? 'good' : 'bad';
  const arrow = isNone ? '=' : change > 0 ? '▲' : '▼';
  return (
    <span class={`change ${tone}`}>
      <span aria-hidden="true">{arrow}</span> {shown}
      <span class="unseen"> against the time before</span>
    </span>
  );
}
