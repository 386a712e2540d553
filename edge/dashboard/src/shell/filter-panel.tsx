import type { JSX } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { type FilterName, filtered, timeOf } from '../address/address.js';
import type { Ask } from '../answers/ask.js';
import { CHOSEN_NAMES, type Choices, type ChosenName, fetchChoices } from '../answers/choices.js';
import { FILTER_WORDS, valueWord } from './filter-words.js';
import { useSite } from './site.js';

/** Narrows the view to one of the values that there are. They are asked for when it is opened. */
export function FilterPanel(props: {
  /** What the view can be narrowed to. */
  readonly counts: readonly FilterName[];
  readonly ask: Ask;
}): JSX.Element | null {
  const { address, formats, go } = useSite();
  const { counts, ask } = props;
  const [isOpen, setOpen] = useState(false);
  const names = CHOSEN_NAMES.filter((name) => counts.includes(name));
  const choices = useChoices(ask, names, isOpen);
  if (names.length === 0) return null;
  const isChosen = names.some((name) => address.filters[name] !== undefined);
  const isMixed = names.includes('pop') && names.includes('region');
  return (
    <details
      class={isChosen ? 'custom filter-panel chosen' : 'custom filter-panel'}
      onToggle={(event) => setOpen(event.currentTarget.open)}
    >
      <summary>Filter…</summary>
      <form onSubmit={(event) => event.preventDefault()}>
        {names.map((name) => (
          <label key={name}>
            {FILTER_WORDS[name]}
            <select
              value={address.filters[name] ?? ''}
              disabled={choices === undefined}
              onChange={(event) => go(filtered(address, name, event.currentTarget.value || undefined))}
            >
              <option value="">{choices === undefined ? 'Loading…' : 'All'}</option>
              {valuesOf(choices, name, address.filters[name]).map((value) => (
                <option value={value} key={value} selected={value === address.filters[name]}>
                  {valueWord(name, value, formats.locale)}
                </option>
              ))}
            </select>
          </label>
        ))}
        {isMixed && (
          <p class="note">Figures are kept by PoP or by who watches: the one replaces the other.</p>
        )}
      </form>
    </details>
  );
}

/** Undefined: they are on their way. */
function useChoices(ask: Ask, names: readonly ChosenName[], isOpen: boolean): Choices | undefined {
  const { address } = useSite();
  const time = timeOf(address);
  const asked = JSON.stringify([names, time]);
  const [found, setFound] = useState<{ readonly of: string; readonly choices: Choices }>();
  const of = useMemo(() => ({ asked, address, names }), [asked]);
  useEffect(() => {
    if (!isOpen) return;
    const abort = new AbortController();
    void fetchChoices(ask, of.address, of.names, abort.signal).then((choices) => {
      if (!abort.signal.aborted) setFound({ of: of.asked, choices });
    });
    return () => abort.abort();
  }, [ask, of, isOpen]);
  return found?.of === asked ? found.choices : undefined;
}

/** What is chosen is among them, also where nothing of it is left. */
function valuesOf(choices: Choices | undefined, name: ChosenName, chosen: string | undefined): string[] {
  const values = choices?.[name] ?? [];
  return chosen === undefined || values.includes(chosen) ? [...values] : [chosen, ...values];
}
