import type { JSX } from 'preact';
import { intervalOf } from './saved.js';

/** A 95% interval with its middle and where nothing lies, for the eye: the figures stand above it. */
export function Interval(props: {
  readonly low: number;
  readonly middle: number;
  readonly high: number;
}): JSX.Element {
  const { zero, low, middle, high } = intervalOf(props.low, props.middle, props.high);
  const at = (place: number): string => `${100 * place}%`;
  return (
    <div class="interval" aria-hidden="true">
      <i class="zero" style={{ left: at(zero) }} />
      <i class="whisker" style={{ left: at(low), width: at(high - low) }} />
      <i class="middle" style={{ left: at(middle) }} />
    </div>
  );
}
