import { priceListSchema } from '../../prices/plans.js';
import { FORMS } from './common.js';

/** All forms of answers. */
export { FORMS } from './common.js';
export { edges } from './edges.js';
export { savings, savingsTrend } from './savings.js';
export { audience, integrity, problem, quality, streams, summary, timeline } from './views.js';

FORMS.add(priceListSchema, {
  id: 'PriceList',
  description: 'What traffic costs, where that was read, and when.',
});
