import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type BodyReader, createBodyTee, readNext } from './body-tee.js';

async function all(reader: BodyReader): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for (let piece = await readNext(reader); piece !== undefined; piece = await readNext(reader))
    pieces.push(piece);
  return Buffer.concat(pieces);
}

describe('body tee', () => {
  it('gives every reader the same bytes, from wherever and whenever it starts', async () => {
    const chunks = fc.array(fc.uint8Array({ minLength: 1, maxLength: 50 }), { minLength: 1, maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(chunks, fc.nat(), fc.nat(), fc.boolean(), async (parts, seed, late, known) => {
        const body = Buffer.concat(parts);
        const tee = createBodyTee({ totalBytes: known ? body.length : undefined, keepBytes: 10_000 });
        const start = known ? seed % body.length : 0;
        const early = all(tee.reader());
        let joined: Promise<Buffer> | undefined;
        for (const [index, part] of parts.entries()) {
          if (index === late % parts.length) joined = all(tee.reader(start));
          void tee.write(Buffer.from(part));
          await Promise.resolve();
        }
        tee.end();
        expect(await early).toEqual(body);
        expect(await joined).toEqual(body.subarray(start));
        expect(tee.body).toEqual(body);
      }),
    );
  });

  it('holds the last piece of a known length back until the end is verified', async () => {
    const tee = createBodyTee({ totalBytes: 6, keepBytes: 100 });
    const reader = tee.reader();
    void tee.write(Buffer.from('abc'));
    void tee.write(Buffer.from('def'));
    expect((await readNext(reader))?.toString()).toBe('abc');
    const rest = readNext(reader);
    tee.fail(new Error('one byte too many'));
    await expect(rest).rejects.toThrow('one byte too many');
    expect(tee.body).toBeUndefined();
  });

  it('lets a closed reader go, even while it waits', async () => {
    for (const totalBytes of [10, undefined]) {
      const tee = createBodyTee({ totalBytes, keepBytes: 100 });
      const reader = tee.reader();
      const waiting = readNext(reader);
      reader.close();
      expect(await waiting).toBeUndefined();
    }
  });

  it('keeps no more than it may of an endless body, at the pace of the slowest reader', async () => {
    const tee = createBodyTee({ totalBytes: undefined, keepBytes: 100 });
    const slow = tee.reader();
    const fast = tee.reader();
    let blocked: Promise<void> | undefined;
    let written = 0;
    while (blocked === undefined) {
      blocked = tee.write(Buffer.alloc(30, written++));
      await readNext(fast);
    }
    expect(written).toBe(4);
    expect(tee.overflown).toBe(true);
    expect((await readNext(slow))?.[0]).toBe(0);
    await blocked;
    expect(() => tee.reader()).toThrow(RangeError);
    for (let expected = 1; expected < written; expected++) expect((await readNext(slow))?.[0]).toBe(expected);
    // With the slow one gone the writer runs freely.
    slow.close();
    expect(tee.write(Buffer.alloc(30))).toBeUndefined();
    tee.end();
    expect(tee.body).toBeUndefined();
  });

  it('wakes a blocked writer when its last reader leaves', async () => {
    const tee = createBodyTee({ totalBytes: undefined, keepBytes: 10 });
    const reader = tee.reader();
    const blocked = tee.write(Buffer.alloc(30));
    reader.close();
    await blocked;
  });
});
