import type { JSX } from 'preact';
import type { PriceList } from '../../../../src/insight/prices/plans.js';
import type { Savings as SavingsAnswer } from '../../../../src/insight/queries/figures.js';
import { timeOf } from '../../address/address.js';
import { Change } from '../../parts/change.js';
import { NothingWatched } from '../../parts/states.js';
import { useSite } from '../../shell/site.js';
import type { BodyProps, View } from '../view.js';
import { BillCard, RatesCard } from './bill-card.js';
import { Interval } from './interval.js';
import { PlanChooser } from './plan-chooser.js';
import { isShortened, RANGE_MS, verdictOf, whyWorthless } from './saved.js';
import { TrendCard } from './trend-card.js';

export const SAVINGS_VIEW: View = {
  name: 'savings',
  title: 'Savings',
  about: 'What peer sharing saved against a measured holdout, in bytes and by your contract.',
  asks: () => ['savings', 'savingsTrend', 'prices'],
  spares: ['savingsTrend'],
  Body: Savings,
};

function Savings({ now, before }: BodyProps): JSX.Element | null {
  const { savings, savingsTrend, prices } = now;
  if (!savings || !prices) return null;
  if (savings.saved === null) return <NothingWatched />;
  return (
    <>
      <Headline savings={savings} before={before?.savings ?? undefined} prices={prices} />
      {savingsTrend && <TrendCard trend={savingsTrend} />}
      <div class="pair-of-cards">
        <BillCard savings={savings} />
        <RatesCard savings={savings} />
      </div>
    </>
  );
}

function Headline(props: {
  readonly savings: SavingsAnswer;
  readonly before: SavingsAnswer | undefined;
  readonly prices: PriceList;
}): JSX.Element {
  const { savings, before, prices } = props;
  const { formats, times } = useSite();
  const { saved, money, range } = savings;
  const { title, about, isUpperBound, caution } = verdictOf(savings);
  const plan = prices.plans.find(({ name }) => name === money?.plan);
  const worthless = whyWorthless(savings, plan);
  const other = formats.units === 'GB' ? 'GiB' : 'GB';
  return (
    <section class="card headline">
      <header>
        <h2>
          {title} {isUpperBound && <span class="badge">upper bound</span>}
        </h2>
        <p class="about">{times.span(range.fromMs, range.toMs)}</p>
      </header>
      <div class="two-figures">
        <div>
          <h3>In money, by the contract</h3>
          <p class="figure large">
            {money === null ? '–' : formats.money(money.saved, money.currency)}
            <Change now={money?.saved ?? null} before={before?.money?.saved} good="more" isSum={true} />
          </p>
          {money?.low !== null && money?.high !== null && money !== null && (
            <>
              <Interval low={money.low} middle={money.saved} high={money.high} />
              <p class="note">
                95% interval {formats.money(money.low, money.currency)} to{' '}
                {formats.money(money.high, money.currency)}
              </p>
            </>
          )}
          <PlanChooser prices={prices} chosen={plan} />
        </div>
        {saved !== null && (
          <div>
            <h3>In egress of the edges</h3>
            <p class="figure large">
              {formats.bytesText(saved.savedBytes)}
              <Change now={saved.savedBytes} before={before?.saved?.savedBytes} good="more" isSum={true} />
            </p>
            {saved.kind === 'estimate' && (
              <>
                <Interval low={saved.lowBytes} middle={saved.savedBytes} high={saved.highBytes} />
                <p class="note">
                  95% interval {formats.bytesText(saved.lowBytes)} to {formats.bytesText(saved.highBytes)}
                </p>
              </>
            )}
            {saved.kind === 'estimate' && (
              <p class="note">
                <b>{formats.percent(saved.savedShare)}</b> of what viewers with peers would have drawn
              </p>
            )}
            <p class="note">
              Also written as <b>{formats.bytesText(saved.savedBytes, other)}</b>
            </p>
          </div>
        )}
      </div>
      {worthless !== undefined && <p class="caution">{worthless}</p>}
      {caution !== undefined && <p class="caution">{caution}</p>}
      <Shortened savings={savings} />
      <p class="method">{about}</p>
    </section>
  );
}

function Shortened({ savings }: { readonly savings: SavingsAnswer }): JSX.Element | null {
  const { address, times, nowMs } = useSite();
  const { stream, pop } = address.filters;
  if (stream === undefined && pop === undefined) return null;
  const time = timeOf(address);
  const fromMs = typeof time === 'string' ? nowMs - RANGE_MS[time] : time.fromMs;
  if (!isShortened(savings, { ...savings.range, fromMs })) return null;
  return (
    <p class="method">
      Savings of {stream === undefined ? 'one PoP reach 2 days' : 'one stream reach 14 days'} back at most:
      this is of {times.span(savings.range.fromMs, savings.range.toMs)}.
    </p>
  );
}
