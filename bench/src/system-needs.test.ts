import { expect, it } from 'vitest';
import { BENCHES } from './catalog.js';
import { systemNeeds } from './system-needs.js';

it.each(BENCHES.map(({ name }) => name))('knows what %s needs from the system', async (name) => {
  expect(await systemNeeds(name)).toBeInstanceOf(Array);
});

it('names the servers that the edge is compared with', async () => {
  const commands = (await systemNeeds('edge')).map(({ command }) => command);
  expect(commands).toEqual(expect.arrayContaining(['nginx', 'varnishd', 'wrk', 'openssl']));
});

it('refuses a bench it has no list for', async () => {
  await expect(systemNeeds('nothing')).rejects.toThrow(/no list/);
});
