import type { JSX } from 'preact';
import { rangeOf } from '../answers/answers.js';
import type { FeedState } from '../answers/feed.js';
import { previousSpan, untilNow } from '../figures/comparison.js';
import { useSite } from './site.js';

/** Which time the figures are of, and how fresh they are. */
export function Status({ feed }: { readonly feed: FeedState }): JSX.Element {
  const { times } = useSite();
  const { now, before, problem, updatedMs } = feed;
  const range = rangeOf(now);
  const earlier = before === undefined || range === undefined ? undefined : previousSpan(range);
  const shown = range && untilNow(range, updatedMs ?? 0);
  const fresh = updatedMs === undefined ? 'Loading…' : `updated ${times.clock(updatedMs)}`;
  return (
    <p class="status">
      {shown !== undefined && <b>{times.span(shown.fromMs, shown.toMs, updatedMs)}</b>}
      <span>
        {earlier !== undefined && `before: ${times.span(earlier.fromMs, earlier.toMs, updatedMs)} · `}
        {problem === undefined ? fresh : 'not up to date'}
      </span>
    </p>
  );
}
