import type { JSX } from 'preact';
import { NothingWatched } from '../../parts/states.js';
import { Tile } from '../../parts/tile.js';
import { useSite } from '../../shell/site.js';
import type { BodyProps, View } from '../view.js';
import { ARM_MEASURES, armsOf } from './arm-measures.js';
import { ArmsCard } from './arms-card.js';
import { StalledCard } from './stalled-card.js';

export const QUALITY_VIEW: View = {
  name: 'quality',
  title: 'Quality',
  about: 'What peers did to the picture: viewers who share, beside a holdout that does not.',
  asks: () => ['quality', 'treatedTimeline', 'holdoutTimeline'],
  Body: Quality,
};

const KEY_MEASURES = ['startup_p50_ms', 'rebuffer_share', 'bitrate_mean_kbps', 'errors_per_hour'];

function Quality({ now, before }: BodyProps): JSX.Element | null {
  const { formats } = useSite();
  const { quality, treatedTimeline, holdoutTimeline } = now;
  if (!quality || !treatedTimeline || !holdoutTimeline) return null;
  const { treated, holdout } = armsOf(quality);
  const shown = treated ?? holdout;
  if (shown === undefined) return <NothingWatched />;
  const earlier = before?.quality ? armsOf(before.quality) : undefined;
  const earlierArm = treated === undefined ? earlier?.holdout : earlier?.treated;
  return (
    <>
      <section class="tiles four" aria-label="Key figures">
        {ARM_MEASURES.filter(({ csv }) => KEY_MEASURES.includes(csv)).map((measure) => (
          <Tile
            key={measure.csv}
            title={measure.name}
            value={measure.show(formats, measure.of(shown))}
            change={{
              ...{ now: measure.of(shown), good: measure.good, isShare: measure.isShare === true },
              before: earlierArm && measure.of(earlierArm),
            }}
          >
            {treated === undefined
              ? 'holdout; nobody watched with peers'
              : holdout === undefined
                ? `${measure.about}; no holdout`
                : `with peers; holdout ${measure.show(formats, measure.of(holdout))}`}
          </Tile>
        ))}
      </section>
      <ArmsCard quality={quality} />
      <StalledCard
        arms={{ treated: treatedTimeline, holdout: holdoutTimeline }}
        before={before?.treatedTimeline ?? undefined}
      />
    </>
  );
}
