import { describe, expect, it } from 'vitest';
import type { Contender, Metric } from './report.js';
import { compareFamilies, summarizeTurns } from './summary.js';

const speed: Metric = { key: 'speed', label: 'speed', unit: 'bytes/s', better: 'higher' };
const delay: Metric = { key: 'delay', label: 'delay', unit: 'ms', better: 'lower' };
const contender = (name: string, family: string): Contender => ({ name, family, version: '1', setting: '' });
const contenders = [
  contender('eddy', 'eddy'),
  contender('peer plain', 'peer'),
  contender('peer tuned', 'peer'),
];
const turn = (round: number, name: string, speed: number, delay: number) => ({
  round,
  contender: name,
  values: { speed, delay },
});
const turns = [
  turn(1, 'eddy', 100, 5),
  turn(1, 'peer plain', 90, 2),
  turn(1, 'peer tuned', 125, 4),
  turn(2, 'peer plain', 95, 2),
  turn(2, 'peer tuned', 50, 4),
  turn(2, 'eddy', 60, 5),
  turn(3, 'peer tuned', 100, 4),
  turn(3, 'eddy', 100, 5),
  turn(3, 'peer plain', 70, 2),
];

describe('compareFamilies', () => {
  it('takes the setting with the better median and pairs by round', () => {
    expect(compareFamilies(turns, contenders, { subject: 'eddy', metric: speed })).toMatchObject([
      {
        family: 'peer',
        against: 'peer tuned',
        rounds: [0.8, 1.2, 1],
        ratio: { median: 1, min: 0.8, max: 1.2 },
      },
    ]);
  });

  it('takes the lower one where lower is better', () => {
    expect(compareFamilies(turns, contenders, { subject: 'eddy', metric: delay })[0]).toMatchObject({
      against: 'peer plain',
      ratio: { median: 2.5 },
    });
  });

  it('keeps the setting of the subject that another metric picks, and names it', () => {
    const several = [...contenders, contender('eddy wide', 'eddy')];
    const wide = [1, 2, 3].map((round) => turn(round, 'eddy wide', 200, 9));
    const [comparison] = compareFamilies([...turns, ...wide], several, {
      subject: 'eddy',
      metric: delay,
      settingBy: speed,
    });
    expect(comparison).toMatchObject({ ours: 'eddy wide', against: 'peer plain', ratio: { median: 4.5 } });
  });

  it('says nothing about a family without turns', () => {
    const absent = [...contenders, contender('other', 'other')];
    expect(compareFamilies(turns, absent, { subject: 'eddy', metric: speed })).toHaveLength(1);
    expect(compareFamilies(turns, absent, { subject: 'nobody', metric: speed })).toEqual([]);
  });
});

describe('summarizeTurns', () => {
  it('has one row a contender, in the order given', () => {
    const rows = summarizeTurns(turns, contenders, [speed, delay]);
    expect(rows.map((row) => row.contender)).toEqual(['eddy', 'peer plain', 'peer tuned']);
    expect(rows[0]?.summary.speed).toEqual({ median: 100, min: 60, max: 100, spread: 0.4 });
  });
});
