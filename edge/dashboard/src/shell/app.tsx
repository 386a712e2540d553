import type { JSX } from 'preact';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { type Address, timeOf } from '../address/address.js';
import { filtersOf, rangeOf } from '../answers/answers.js';
import type { Ask } from '../answers/ask.js';
import { passedOf } from '../figures/comparison.js';
import { Formats } from '../figures/formats.js';
import { Times } from '../figures/times.js';
import { Problem } from '../parts/states.js';
import { viewOf } from '../views/views.js';
import { Body } from './body.js';
import { Controls } from './controls.js';
import { FilterChips } from './filter-chips.js';
import { Header } from './header.js';
import { rangeWords } from './range-words.js';
import { useSession } from './reader.js';
import { type Site, SiteContext } from './site.js';
import { Status } from './status.js';
import { useAddress } from './use-address.js';
import { useFeed } from './use-feed.js';

/** The whole page: navigation, what is asked for, and the view with its answers. */
export function App({ ask }: { readonly ask: Ask }): JSX.Element {
  const [address, go] = useAddress();
  const session = useSession();
  const view = viewOf(address.view);
  const names = useMemo(() => view.asks(address), [view, address]);
  const [feed, retry] = useFeed(ask, address, names);
  const times = useMemo(() => new Times(undefined), []);
  const formats = useMemo(() => new Formats({ locale: undefined, units: address.units }), [address.units]);
  const nowMs = feed.updatedMs ?? 0;
  const range = rangeOf(feed.now);
  const passed = range === undefined ? 1 : passedOf(range, nowMs);
  const site: Site = { address, go, formats, times, nowMs, passed };
  const title = address.view === 'streams' ? (address.filters.stream ?? view.title) : view.title;
  const about = (title === view.title ? undefined : view.aboutOne) ?? view.about;
  const heading = useHeading(address, title);
  const updated = feed.updatedMs === undefined ? undefined : times.clock(feed.updatedMs);
  return (
    <SiteContext.Provider value={site}>
      <a class="skip" href="#main">
        Skip to the figures
      </a>
      <Header current={view.name} session={session} />
      <main id="main" tabIndex={-1}>
        <div class="top">
          <div>
            <h1 ref={heading} tabIndex={-1}>
              {title}
            </h1>
            <p class="about">{about}</p>
          </div>
          <Status feed={feed} />
        </div>
        <Controls session={session} counts={filtersOf(names)} ask={ask} />
        <FilterChips counts={filtersOf(names)} />
        {feed.problem !== undefined && (
          <Problem retry={retry}>
            {feed.problem}{' '}
            {updated === undefined ? 'No figures yet.' : `The figures below are those of ${updated}.`} Trying
            again every few seconds.
          </Problem>
        )}
        <Body view={view} feed={feed} address={address} />
        <p class="unseen" role="status">
          {feed.isLoading ? '' : `${title}, ${rangeWords(timeOf(address), times)}`}
        </p>
        <footer class="foot">
          Media bytes as players report them and the edge confirms. Times are{' '}
          {Intl.DateTimeFormat().resolvedOptions().timeZone}.
        </footer>
      </main>
    </SiteContext.Provider>
  );
}

/** The title of the window follows the view; its heading is where reading goes on after another one was chosen. */
function useHeading({ view, filters }: Address, title: string): { current: HTMLHeadingElement | null } {
  const heading = useRef<HTMLHeadingElement>(null);
  const shown = useRef<string>();
  const name = `${view} ${view === 'streams' ? filters.stream : ''}`;
  useEffect(() => {
    document.title = `${title} · Eddy`;
    if (shown.current !== undefined && shown.current !== name) heading.current?.focus();
    shown.current = name;
  }, [name, title]);
  return heading;
}
