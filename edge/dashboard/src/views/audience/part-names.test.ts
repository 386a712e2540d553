import { expect, it } from 'vitest';
import { partName } from './part-names.js';

it.each([
  ['region', 'DE', 'en', 'Germany'],
  ['region', 'DE', 'fr', 'Allemagne'],
  ['region', 'FR-75', 'en', 'France, 75'],
  ['region', 'R1', 'en', 'R1'],
  ['region', '', 'en', 'Not known'],
  ['network', 'AS3320', 'en', 'AS3320'],
  ['network', '(other networks)', 'en', '(other networks)'],
  ['device', 'desktop', 'en', 'Desktop'],
  ['device', 'tv', 'en', 'TV'],
] as const)('%s %j is called so in %s: %s', (by, key, locale, name) => {
  expect(partName(by, key, locale)).toBe(name);
});
