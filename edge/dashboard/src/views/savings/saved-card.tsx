import type { JSX } from 'preact';
import type { RangeFigures, Savings } from '../../../../src/insight/queries/figures.js';
import { toView } from '../../address/address.js';
import { AddressLink } from '../../parts/address-link.js';
import { Card } from '../../parts/card.js';
import { Change } from '../../parts/change.js';
import { useSite } from '../../shell/site.js';
import { Interval } from './interval.js';
import { isShortened, verdictOf } from './saved.js';

export interface SavedCardProps {
  readonly savings: Savings;
  readonly before: Savings | undefined;
  /** The time that was asked for. */
  readonly asked: RangeFigures | undefined;
}

/** Savings in short, beside other figures of a stream. */
export function SavedCard({ savings, before, asked }: SavedCardProps): JSX.Element {
  const { address, formats, times } = useSite();
  const { saved, money, range } = savings;
  const { title, caution } = verdictOf(savings);
  return (
    <Card title={title} about={times.span(range.fromMs, range.toMs)}>
      <div class="saved">
        <div>
          <p class="figure">
            {saved === null ? '–' : formats.bytesText(saved.savedBytes)}
            <Change
              now={saved?.savedBytes ?? null}
              before={before?.saved?.savedBytes}
              good="more"
              isSum={true}
            />
          </p>
          {saved?.kind === 'estimate' && (
            <>
              <Interval low={saved.lowBytes} middle={saved.savedBytes} high={saved.highBytes} />
              <p class="note">
                95% interval {formats.bytesText(saved.lowBytes)} to {formats.bytesText(saved.highBytes)}
              </p>
            </>
          )}
        </div>
        <div>
          {saved?.kind === 'estimate' && (
            <p class="note">
              <b>{formats.percent(saved.savedShare)}</b> of what viewers with peers would have drawn
            </p>
          )}
          {money !== null && (
            <p class="note">
              {money.isUpperBound ? 'worth at most ' : 'worth '}
              <b>{formats.money(money.saved, money.currency)}</b> by {money.plan}
            </p>
          )}
          {isShortened(savings, asked) && (
            <p class="note">Savings of one stream reach 14 days back at most.</p>
          )}
          {caution !== undefined && <p class="caution">{caution}</p>}
          <p class="note">
            <AddressLink to={toView(address, 'savings')}>How it was found out</AddressLink>
          </p>
        </div>
      </div>
    </Card>
  );
}
