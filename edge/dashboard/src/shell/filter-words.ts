import { AUDIENCE_PARTS, type FilterName } from '../address/address.js';
import { partName } from '../views/audience/part-names.js';

export const FILTER_WORDS: Readonly<Record<FilterName, string>> = {
  stream: 'Stream',
  pop: 'PoP',
  edge: 'Edge',
  region: 'Region',
  network: 'Network',
  device: 'Device',
};

/** What a filter's value is called. */
export function valueWord(name: FilterName, value: string, locale: string | undefined): string {
  const part = AUDIENCE_PARTS.find((known) => known === name);
  return part === undefined ? value : partName(part, value, locale);
}
