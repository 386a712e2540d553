import { expect, it } from 'vitest';
import { Notices } from './notices.js';

it('who meets and parts within one change is told nothing, and who parts and meets again hears of both', () => {
  const notices = new Notices();
  notices.meet('a', 'b');
  notices.gone('a', 'b');
  notices.gone('b', 'a');
  notices.gone('c', 'd');
  notices.meet('c', 'd');
  expect(notices.list()).toEqual([
    { to: 'c', message: { type: 'peers', meet: [{ peer: 'd', offer: true }], gone: ['d'] } },
    { to: 'd', message: { type: 'peers', meet: [{ peer: 'c', offer: false }], gone: [] } },
  ]);
});
