import { appendFile, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Journal } from './journal.js';

let folder: string;
let files = 0;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'eddy-journal-'));
});
afterAll(() => rm(folder, { recursive: true }));
const newFile = (): string => join(folder, `${files++}.journal`);

async function written(file: string, texts: readonly string[]): Promise<void> {
  const { journal } = await Journal.open(file, 0);
  for (const text of texts) await journal.append(text);
  // It is not closed well: what was added is there without that.
  await journal.close();
}

async function read(file: string): Promise<string[]> {
  const { journal, records } = await Journal.open(file, 0);
  await journal.close();
  return records.map(({ number, text }) => `${number} ${text}`);
}

describe('a journal', () => {
  it('gives back what was added, and goes on after it', async () => {
    const file = newFile();
    await written(file, ['one', 'zwölf "quoted"']);
    await written(file, ['three']);
    expect(await read(file)).toEqual(['1 one', '2 zwölf "quoted"', '3 three']);
  });

  it('passes over a last record that is torn at any byte, and writes over it', async () => {
    const file = newFile();
    await written(file, ['one', 'two']);
    const whole = await readFile(file);
    const second = whole.indexOf(10) + 1;
    for (let length = second; length < whole.length; length++) {
      await writeFile(file, whole);
      await truncate(file, length);
      expect(await read(file)).toEqual(['1 one']);
    }
    await written(file, ['again']);
    expect(await read(file)).toEqual(['1 one', '2 again']);
  });

  it.each([
    ['a byte that changed', (bytes: Buffer) => bytes.fill('x', bytes.length - 3, bytes.length - 2)],
    ['zeros in its place', (bytes: Buffer) => bytes.fill(0, bytes.indexOf(10) + 1)],
  ])('passes over a last record with %s', async (_, damage) => {
    const file = newFile();
    await written(file, ['one', 'two']);
    await writeFile(file, damage(await readFile(file)));
    expect(await read(file)).toEqual(['1 one']);
  });

  it('is refused where more than the last record is damaged, and left as it is', async () => {
    const file = newFile();
    await written(file, ['one', 'two', 'three']);
    const damaged = await readFile(file);
    damaged.fill('x', damaged.indexOf('two'), damaged.indexOf('two') + 1);
    await writeFile(file, damaged);
    await expect(read(file)).rejects.toMatchObject({
      code: 'store-unreadable',
      message: expect.stringContaining(file),
    });
    expect(await readFile(file)).toEqual(damaged);
  });

  it('ends at a record that was there before', async () => {
    const file = newFile();
    await written(file, ['one', 'two']);
    await appendFile(file, await readFile(file));
    expect(await read(file)).toEqual(['1 one', '2 two']);
  });

  it('numbers on after it was cleared, and after what is kept elsewhere', async () => {
    const file = newFile();
    const { journal } = await Journal.open(file, 7);
    await journal.append('eight');
    await journal.clear();
    expect(journal.sizeBytes).toBe(0);
    await journal.append('nine');
    await journal.close();
    expect(await read(file)).toEqual(['9 nine']);
  });
});
