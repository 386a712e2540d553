import type { JSX } from 'preact';
import type { Address } from '../address/address.js';
import type { FeedState } from '../answers/feed.js';
import { Empty, Skeleton } from '../parts/states.js';
import type { View } from '../views/view.js';

export interface BodyFrameProps {
  readonly view: View;
  readonly feed: FeedState;
  readonly address: Address;
}

/**
 * The view with the answers that are there. While others are on their way, those of the same view stay, so that nothing
 * flickers; another view begins with an outline.
 */
export function Body({ view, feed, address }: BodyFrameProps): JSX.Element | null {
  const { now, before, isLoading, problem } = feed;
  const isOfThisView = feed.address !== undefined && sceneOf(feed.address) === sceneOf(address);
  if (!isOfThisView || feed.address === undefined) {
    return problem === undefined ? (
      <div class="view" aria-busy="true">
        <Skeleton />
      </div>
    ) : null;
  }
  const unknown = view
    .asks(feed.address)
    .filter((name) => now[name] === null && view.spares?.includes(name) !== true);
  if (unknown.length > 0) {
    return (
      <Empty title="This edge does not serve these figures">
        It answers no questions about {unknown.join(', ')}: update it to the version of this page.
      </Empty>
    );
  }
  // How it is counted and sorted changes at once; the rest once its answers are there.
  const { units, sort, find } = address;
  const shown = { ...feed.address, units, sort, find };
  return (
    <div
      class={`view ${isLoading ? 'loading' : ''} ${problem === undefined ? '' : 'old'}`}
      aria-busy={isLoading}
    >
      <view.Body address={shown} now={now} before={before} />
    </div>
  );
}

function sceneOf({ view, filters }: Address): string {
  return `${view} ${view === 'streams' && filters.stream !== undefined}`;
}
