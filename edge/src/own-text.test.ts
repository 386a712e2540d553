import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ownText } from './own-text.js';

it('is the same text', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({ maxLength: 9000 }),
    fc.array(fc.nat(0xffff)).map((units) => String.fromCharCode(...units)),
  );
  fc.assert(fc.property(text, (given) => ownText(given) === given));
});

/** Keeps a name of each of 2,000 lines of 64 KiB; prints how many megabytes are alive then. */
const KEEP = `
  const { ownText } = await import(process.argv[1]);
  const own = process.argv[2] === 'own' ? ownText : (text) => text;
  const kept = new Set();
  for (let line = 0; line < 2000; line++) {
    const name = '/catalogue/' + line + '/master.m3u8';
    const text = Buffer.from(name.padEnd(65536, 'x')).toString('latin1');
    kept.add(own(text.slice(0, name.length)));
  }
  globalThis.gc();
  console.log(kept.size > 0 ? process.memoryUsage().heapUsed / 1e6 : 0);
`;

it('keeps nothing of what it was cut from', { timeout: 60_000 }, () => {
  const megabytes = (word: string): number => {
    const module = new URL('../dist/own-text.js', import.meta.url).href;
    const argv = ['--expose-gc', '--input-type=module', '-e', KEEP, module, word];
    const { stdout, stderr } = spawnSync(process.execPath, argv, { encoding: 'utf8' });
    if (stdout === '') throw new Error(stderr);
    return Number(stdout);
  };
  expect(megabytes('cut')).toBeGreaterThan(100);
  expect(megabytes('own')).toBeLessThan(20);
});
