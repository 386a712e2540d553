import { expect, it } from 'vitest';
import { BenchError } from '../errors.js';
import { Patience } from '../machine/quiet.js';
import type { Metric } from '../report/report.js';
import { inRounds } from './rounds.js';
import { Stage } from './stage.js';

const headline: Metric = { key: 'speed', label: 'speed', unit: 'count', better: 'higher' };
const options = { workload: 'demo', rounds: 3, headline };

function stageThat(signal = new AbortController().signal): { stage: Stage; shown: string[] } {
  const shown: string[] = [];
  const components = {
    progress: (line: string) => shown.push(line),
    signal,
    path: (command: string) => command,
    patience: new Patience(0),
    memoryFolder: '/nowhere',
  };
  return { stage: new Stage(components, { workload: 'demo', cores: 2 }), shown };
}

const entrants = ['A', 'B'].map((name) => ({ name }));

it('gives each a turn in each round', async () => {
  const { stage, shown } = stageThat();
  const turns = await inRounds(stage, entrants, options, async ({ name }) => ({
    speed: name === 'A' ? 1 : 2,
  }));
  expect(turns.map(({ round, contender }) => `${round}${contender}`).join(' ')).toBe('1A 1B 2B 2A 3A 3B');
  expect(shown).toHaveLength(6);
  expect(stage.unmeasured).toEqual([]);
});

it('keeps no figure of who fails once, and says why', async () => {
  const { stage } = stageThat();
  const asked: string[] = [];
  const turns = await inRounds(stage, entrants, options, async ({ name }, round) => {
    asked.push(`${round}${name}`);
    if (name === 'B' && round === 2) throw new BenchError('load-failed', 'three requests failed');
    return { speed: 1 };
  });
  expect(turns.map(({ contender }) => contender)).toEqual(['A', 'A', 'A']);
  expect(asked).not.toContain('3B');
  expect(stage.unmeasured).toEqual([{ what: 'demo, B', reason: 'three requests failed (load-failed)' }]);
});

it('lets mistakes of the bench itself through', async () => {
  const { stage } = stageThat();
  await expect(
    inRounds(stage, entrants, options, () => Promise.reject(new TypeError('ours'))),
  ).rejects.toThrow('ours');
});
