import type { JSX } from 'preact';
import { FILTER_NAMES, type FilterName, filtered } from '../address/address.js';
import { AddressLink } from '../parts/address-link.js';
import { FILTER_WORDS, valueWord } from './filter-words.js';
import { useSite } from './site.js';

/** What the figures are narrowed to, and the way out of it. `counts`: those that this view can be narrowed by. */
export function FilterChips({ counts }: { readonly counts: readonly FilterName[] }): JSX.Element | null {
  const { address, formats } = useSite();
  const wordOf = (name: FilterName): string => valueWord(name, address.filters[name] ?? '', formats.locale);
  // The page of one stream is called by it, and leads back by itself.
  const isOneStream = address.view === 'streams';
  const chosen = FILTER_NAMES.filter(
    (name) => address.filters[name] !== undefined && !(isOneStream && name === 'stream'),
  );
  if (chosen.length === 0) return null;
  return (
    <ul class="chips" aria-label="Narrowed to">
      {chosen.map((name) => (
        <li key={name} class={counts.includes(name) ? 'chip' : 'chip idle'}>
          <span>
            {FILTER_WORDS[name]} <b>{wordOf(name)}</b>
            {!counts.includes(name) && ' · has no effect in this view'}
          </span>
          <AddressLink
            to={filtered(address, name, undefined)}
            label={`No longer only ${FILTER_WORDS[name]} ${wordOf(name)}`}
          >
            ×
          </AddressLink>
        </li>
      ))}
    </ul>
  );
}
