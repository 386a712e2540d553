import type { AudiencePart } from '../../address/address.js';

/** What an audience's part is called: countries by their name in the reader's language. */
export function partName(by: AudiencePart, key: string, locale: string | undefined): string {
  if (key === '') return 'Not known';
  if (key === 'tv') return 'TV';
  if (by === 'device') return key.charAt(0).toUpperCase() + key.slice(1);
  if (by === 'network') return key;
  const [country = '', ...rest] = key.split('-');
  const name = countryName(country, locale);
  if (name === undefined) return key;
  return rest.length === 0 ? name : `${name}, ${rest.join('-')}`;
}

/** Undefined: no country is called so. */
function countryName(code: string, locale: string | undefined): string | undefined {
  if (!/^[A-Z]{2}$/.test(code)) return undefined;
  const name = new Intl.DisplayNames(locale, { type: 'region', fallback: 'none' }).of(code);
  return name === code ? undefined : name;
}
