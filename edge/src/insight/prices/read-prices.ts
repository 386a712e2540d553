import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { InsightError } from '../errors.js';
import { type PriceList, priceListSchema } from './plans.js';

/** The one that comes with the edge, from `src` and from `dist` alike. */
export const DEFAULT_PRICES_FILE: string = fileURLToPath(
  new URL('../../../prices/prices.yaml', import.meta.url),
);

/** @throws InsightError `bad-prices` that says what is wrong with the file. */
export async function readPrices(file: string = DEFAULT_PRICES_FILE): Promise<PriceList> {
  let raw: unknown;
  try {
    // Dates stay text.
    raw = parse(await readFile(file, 'utf8'), { schema: 'core' });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new InsightError('bad-prices', `${file} cannot be read: ${reason}`, { cause });
  }
  const result = priceListSchema.safeParse(raw);
  if (result.success) return result.data;
  const problems = result.error.issues.map(({ path, message }) => `${path.map(String).join('.')} ${message}`);
  throw new InsightError('bad-prices', `${file}: ${problems.join('; ')}`);
}
