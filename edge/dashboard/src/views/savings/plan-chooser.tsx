import type { JSX } from 'preact';
import type { Plan, PriceList } from '../../../../src/insight/prices/plans.js';
import { useSite } from '../../shell/site.js';
import { termsOf } from './saved.js';

/** Whose prices count, with where they come from. */
export function PlanChooser(props: {
  readonly prices: PriceList;
  readonly chosen: Plan | undefined;
}): JSX.Element {
  const { address, go, formats } = useSite();
  const { prices, chosen } = props;
  const plans = prices.plans.filter(({ of }) => of === 'edge');
  if (plans.length === 0) {
    return <p class="note">No plan for edge egress is in the price list: add one to insight.pricesFile.</p>;
  }
  const money = (value: number, currency: string): string => unitPrice(formats.locale, value, currency);
  return (
    <div class="plan">
      <label>
        <span>Billing plan</span>
        <select
          value={chosen?.name ?? ''}
          onChange={(event) => go({ ...address, plan: event.currentTarget.value })}
        >
          {chosen === undefined && <option value="">Choose a plan</option>}
          {plans.map(({ name, provider, region }) => (
            <option value={name} key={name} selected={name === chosen?.name}>
              {provider}, {region} ({name})
            </option>
          ))}
        </select>
      </label>
      {chosen !== undefined && (
        <p class="note">
          {termsOf(chosen, (value) => formats.count(value), money)}. Price of{' '}
          <span class="nowrap">{chosen.date}</span>,{' '}
          {/^https?:/.test(chosen.source) ? (
            <a href={chosen.source} rel="noreferrer">
              source
            </a>
          ) : (
            chosen.source
          )}
          .
        </p>
      )}
    </div>
  );
}

/** Prices of one unit are small. */
function unitPrice(locale: string | undefined, value: number, currency: string): string {
  const format = new Intl.NumberFormat(locale, {
    ...{ style: 'currency', currency, minimumFractionDigits: 0, maximumFractionDigits: 4 },
  });
  return format.format(value);
}
