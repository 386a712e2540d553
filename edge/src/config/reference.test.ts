import { expect, it } from 'vitest';
import { type ReferenceEntry, settingsReference } from './reference.js';
import { SETTINGS } from './settings.js';

const entries = settingsReference();
const entry = (path: string): ReferenceEntry | undefined => entries.find((found) => found.path === path);

it('every setting is described: give those that are not a .describe() in the schema', () => {
  expect(entries.filter(({ description }) => description === undefined)).toEqual([]);
  expect(entries.length).toBeGreaterThan(130);
});

it('every setting that environment and flags reach is one of the schema', () => {
  const paths = new Set(entries.map(({ path }) => path));
  expect(SETTINGS.map(({ path }) => path.join('.')).filter((path) => !paths.has(path))).toEqual([]);
});

it('values, defaults, variables and flags are as the schema has them', () => {
  expect(entry('cache.diskBytes')).toMatchObject({
    ...{ type: 'a size of at least 16MiB', default: '`10GiB`' },
    ...{ env: 'EDDY_CACHE_DISK', flag: 'cache-disk' },
  });
  expect(entry('cache.memoryBytes')?.default).toBe('`256MiB`');
  expect(entry('limits.readBytesPerSecond')).toMatchObject({ type: 'a size', default: '`1KiB`' });
  expect(entry('origin.retries')).toMatchObject({ type: 'a whole number from 0 to 10', default: '`2`' });
  expect(entry('origin.kind')?.type).toBe('`files`, `server`');
  expect(entry('name')?.default).toBe('`eddy-` and random letters');
  expect(entry('origin.url')?.default).toBeUndefined();
});

it('parts, lists of parts and parts that come again have their own names', () => {
  expect(entry('cache.rules[].freshMs')).toMatchObject({ type: '`playlist` or a time', default: 'required' });
  expect(entry('tls.listen')).toMatchObject({ type: 'HOST:PORT', default: 'required' });
  expect(entry('cors')?.type).toBe('`edge`, `origin`, or settings');
  expect(entry('cors.maxAgeSeconds')?.default).toBe('`86400`');
  expect(entry('sites[].origin.*')?.description).toBe('As `origin.*`');
  expect(entry('sites[].cache.rules[].*')?.description).toBe('As `cache.rules[].*`');
});
