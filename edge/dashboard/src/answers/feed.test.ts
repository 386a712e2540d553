import { beforeEach, describe, expect, it } from 'vitest';
import { readAddress } from '../address/address.js';
import { questionOf } from './answers.js';
import type { Ask } from './ask.js';
import { Feed, type FeedState } from './feed.js';

const HOUR_MS = 3_600_000;

let asked: string[];
let states: FeedState[];
let timers: { ms: number; run: () => void }[];
let isHidden: boolean;

beforeEach(() => {
  [asked, states, timers, isHidden] = [[], [], [], false];
});

function feedOf(answer: (path: string) => unknown): Feed {
  const ask: Ask = async ({ path }) => {
    asked.push(path);
    return answer(path);
  };
  return new Feed({
    ask,
    nowMs: () => 77,
    after: (ms, run) => {
      const timer = { ms, run };
      timers.push(timer);
      return () => {
        timers = timers.filter((other) => other !== timer);
      };
    },
    isHidden: () => isHidden,
    onState: (state) => states.push(state),
  });
}

const ofAnHour = (): unknown => ({ range: { name: '1h', fromMs: HOUR_MS, toMs: 2 * HOUR_MS } });
const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

describe('the feed', () => {
  it('asks for what a view needs, and again after a while, as long as somebody looks', async () => {
    const feed = feedOf(ofAnHour);
    feed.follow({ address: readAddress('?range=1h&pop=fra'), names: ['summary', 'streams'] });
    await settled();
    expect(asked).toEqual(['summary?range=1h&pop=fra', 'streams?range=1h&pop=fra&limit=100']);
    expect(states.map(({ isLoading }) => isLoading)).toEqual([true, false]);
    expect(states.at(-1)).toMatchObject({ updatedMs: 77, problem: undefined, before: undefined });
    expect(timers.map(({ ms }) => ms)).toEqual([5000]);
    timers[0]?.run();
    await settled();
    expect(asked).toHaveLength(4);
    expect(states.filter(({ isLoading }) => isLoading)).toHaveLength(1);
    isHidden = true;
    timers.at(-1)?.run();
    await settled();
    expect(asked).toHaveLength(4);
  });

  it('asks for the time before too, just as long, and less often where it is long', async () => {
    const feed = feedOf(() => ({ range: { name: null, fromMs: 100 * HOUR_MS, toMs: 200 * HOUR_MS } }));
    feed.follow({ address: readAddress('?compare=previous'), names: ['quality'] });
    await settled();
    expect(asked[1]).toBe(`quality?from=0&to=${100 * HOUR_MS}`);
    expect(states.at(-1)?.before?.quality).toBeDefined();
    expect(timers.map(({ ms }) => ms)).toEqual([30_000]);
  });

  it('keeps what it knew when the edge fails, says so, and tries again', async () => {
    let works = true;
    const feed = feedOf(() => {
      if (!works) throw new Error('The edge does not answer.');
      return ofAnHour();
    });
    feed.follow({ address: readAddress(''), names: ['summary'] });
    await settled();
    works = false;
    await feed.refresh();
    expect(states.at(-1)).toMatchObject({ problem: 'The edge does not answer.', updatedMs: 77 });
    expect(states.at(-1)?.now.summary).toBeDefined();
    expect(timers.map(({ ms }) => ms)).toEqual([5000]);
  });

  it('forgets answers that come after another address was chosen', async () => {
    const waiting: (() => void)[] = [];
    const feed = feedOf((path) => new Promise((resolve) => waiting.push(() => resolve({ path }))));
    feed.follow({ address: readAddress('?pop=one'), names: ['summary'] });
    feed.follow({ address: readAddress('?pop=two'), names: ['summary'] });
    for (const answer of waiting.reverse()) answer();
    await settled();
    expect(states.filter(({ isLoading }) => !isLoading).map(({ now }) => now.summary)).toEqual([
      { path: 'summary?range=1h&pop=two' },
    ]);
  });

  it('does not ask again for what only looks different', async () => {
    const feed = feedOf(ofAnHour);
    feed.follow({ address: readAddress('?view=streams'), names: ['streams'] });
    feed.follow({ address: readAddress('?view=streams&sort=offload&units=GiB'), names: ['streams'] });
    await settled();
    expect(asked).toHaveLength(1);
  });
});

describe('a question', () => {
  it('takes only filters that the edge knows of it', () => {
    const address = readAddress('?view=audience&by=device&stream=/a&pop=fra&range=7d');
    expect(questionOf('audience', address, undefined).path).toBe('audience?range=7d&by=device');
    expect(questionOf('prices', address, { fromMs: 1, toMs: 2 }).path).toBe('prices');
    expect(questionOf('quality', address, { fromMs: 1, toMs: 2 }).path).toBe(
      'quality?from=1&to=2&stream=%2Fa&pop=fra',
    );
  });
});
