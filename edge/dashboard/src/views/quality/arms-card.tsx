import type { JSX } from 'preact';
import type { Quality } from '../../../../src/insight/queries/figures.js';
import { changeOf } from '../../figures/comparison.js';
import type { Column } from '../../figures/table.js';
import { Card } from '../../parts/card.js';
import { Change } from '../../parts/change.js';
import { type Site, useSite } from '../../shell/site.js';
import { type ArmRow, armRows, armsOf } from './arm-measures.js';

/** What peers did to the picture: viewers who share beside the holdout. */
export function ArmsCard({ quality }: { readonly quality: Quality }): JSX.Element {
  const site = useSite();
  const arms = armsOf(quality);
  return (
    <Card
      title="Viewers with peers beside the holdout"
      about={
        arms.holdout === undefined
          ? 'No holdout watched in this time: set swarm.holdoutPercent to see what peers change.'
          : 'The holdout gets everything from the edge; difference: with peers against it.'
      }
      isTable={true}
      table={{ name: 'quality', columns: armColumns(site), rows: armRows(arms) }}
    />
  );
}

function armColumns({ formats }: Site): Column<ArmRow>[] {
  return [
    {
      ...{ title: 'Measure', csv: 'measure', kind: 'text' },
      value: ({ measure }) => measure.csv,
      show: ({ measure }) => (
        <>
          {measure.name} <span class="quiet explained">{measure.about}</span>
        </>
      ),
    },
    {
      ...{ title: 'With peers', csv: 'treated' },
      value: ({ treated }) => treated,
      show: ({ measure, treated }) => measure.show(formats, treated),
    },
    {
      ...{ title: 'Holdout', csv: 'holdout' },
      value: ({ holdout }) => holdout,
      show: ({ measure, holdout }) => measure.show(formats, holdout),
    },
    {
      ...{ title: 'Difference', csv: 'difference' },
      value: ({ treated, holdout }) => changeOf(treated, holdout) ?? null,
      show: ({ measure, treated, holdout }) =>
        measure.good === 'neither' ? '' : <Change now={treated} before={holdout} good={measure.good} />,
    },
  ];
}
