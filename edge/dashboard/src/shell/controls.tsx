import type { JSX } from 'preact';
import { RANGE_NAMES } from '../../../src/insight/queries/figures.js';
import { type FilterName, timeOf, toTime, type Units } from '../address/address.js';
import type { Ask } from '../answers/ask.js';
import type { Session } from '../answers/session.js';
import { AddressLink } from '../parts/address-link.js';
import { CustomRange } from './custom-range.js';
import { FilterPanel } from './filter-panel.js';
import { RANGE_WORDS } from './range-words.js';
import { SharePanel } from './share-panel.js';
import { useSite } from './site.js';

const UNITS: readonly Units[] = ['GB', 'GiB'];

/** What time is shown, whether it is compared, and how bytes are counted. */
export function Controls(props: {
  readonly session: Session | undefined;
  /** What the view can be narrowed to. */
  readonly counts: readonly FilterName[];
  readonly ask: Ask;
}): JSX.Element {
  const { session, counts, ask } = props;
  const { address, go } = useSite();
  const time = timeOf(address);
  return (
    <section class="controls" aria-label="What is shown">
      <nav class="segments" aria-label="Time">
        {RANGE_NAMES.map((name) => (
          <AddressLink
            key={name}
            to={toTime(address, name)}
            label={`${RANGE_WORDS[name].short}: ${RANGE_WORDS[name].full}`}
            current={name === time ? 'true' : undefined}
          >
            {RANGE_WORDS[name].short}
          </AddressLink>
        ))}
        <CustomRange />
      </nav>
      <label class="toggle">
        <input
          type="checkbox"
          checked={address.compare}
          onChange={(event) => go({ ...address, compare: event.currentTarget.checked })}
        />
        Compare with the time before
      </label>
      <nav class="segments" aria-label="Unit of bytes">
        {UNITS.map((units) => (
          <AddressLink
            key={units}
            to={{ ...address, units }}
            label={units === 'GB' ? 'GB, counted by 1,000s' : 'GiB, counted by 1,024s'}
            current={units === address.units ? 'true' : undefined}
          >
            {units}
          </AddressLink>
        ))}
      </nav>
      <FilterPanel counts={counts} ask={ask} />
      {session?.canShare === true && <SharePanel maxSeconds={session.maxShareSeconds ?? 0} />}
    </section>
  );
}
