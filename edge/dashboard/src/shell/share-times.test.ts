import { expect, it } from 'vitest';
import { shareTimes } from './share-times.js';

it('links last as long as this edge lets them', () => {
  expect(shareTimes(30 * 86_400).map(({ words }) => words)).toEqual(['1 day', '7 days', '30 days']);
  expect(shareTimes(7200)).toEqual([{ words: '120 min', seconds: 7200 }]);
});
