import type { JSX } from 'preact';
import { toView, type ViewName } from '../address/address.js';
import type { Session } from '../answers/session.js';
import { AddressLink } from '../parts/address-link.js';
import { VIEWS } from '../views/views.js';
import { ICONS } from './icons.js';
import { ReaderLine } from './reader.js';
import { useSite } from './site.js';
import { type Theme, useTheme } from './use-theme.js';

const THEME_WORDS: Readonly<Record<Theme, string>> = {
  system: 'as the system',
  light: 'light',
  dark: 'dark',
};

export function Header(props: {
  readonly current: ViewName;
  readonly session: Session | undefined;
}): JSX.Element {
  const { current, session } = props;
  const { address } = useSite();
  const [theme, nextTheme] = useTheme();
  return (
    <header class="side">
      <p class="brand">
        <svg class="mark" viewBox="0 0 24 24" aria-hidden="true">
          <path d="M12 21a9 9 0 1 1 9-9c0 3.6-2.7 6-5.7 6S10 15.900 10 13.200 11.800 9 13.800 9" />
        </svg>
        Eddy <span>insight</span>
      </p>
      <nav class="views" aria-label="Views">
        {VIEWS.map(({ name, title }) => (
          <AddressLink
            key={name}
            to={toView(name === 'streams' ? withoutStream(address) : address, name)}
            current={name === current ? 'page' : undefined}
          >
            <svg viewBox="0 0 20 20" aria-hidden="true">
              <path d={ICONS[name]} />
            </svg>
            {title}
          </AddressLink>
        ))}
      </nav>
      <ReaderLine session={session} />
      <button type="button" class="quiet-button theme" onClick={nextTheme}>
        Colours: {THEME_WORDS[theme]}
      </button>
    </header>
  );
}

/** The list of streams, also from one of them. */
function withoutStream(address: ReturnType<typeof useSite>['address']): typeof address {
  if (address.view !== 'streams') return address;
  const { stream: _, ...filters } = address.filters;
  return { ...address, filters };
}
