import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseJson } from '../../cluster/beat.js';
import { encodeOrder, orderOf } from '../order.js';
import { cursorFile } from './cursor-file.js';
import { decodeProgress, encodeProgress } from './progress.js';

const PROGRESS = { name: 'a', instance: 'instance-a', epoch: 'e', sequence: 3, servesFrom: 1 };

describe('what edges say of purges', () => {
  it('comes back as it was said', () => {
    const target = fc.oneof(
      fc.record({ by: fc.constant('path' as const), path: fc.string() }),
      fc.record({ by: fc.constant('prefix' as const), prefix: fc.string() }),
      fc.record({ by: fc.constant('tag' as const), tag: fc.string({ minLength: 1 }) }),
      fc.record({ by: fc.constant('all' as const) }),
    );
    fc.assert(
      fc.property(fc.record({ target, soft: fc.boolean() }), (order) => {
        expect(orderOf(parseJson(encodeOrder(order)))).toEqual(order);
      }),
    );
    expect(decodeProgress(encodeProgress(PROGRESS))).toEqual(PROGRESS);
  });

  it('is nothing where it is hostile or garbled', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (data) => {
        expect(orderOf(parseJson(data))).toBeUndefined();
        expect(decodeProgress(data)).toBeUndefined();
      }),
    );
    fc.assert(
      fc.property(fc.json(), (json) => {
        const data = new TextEncoder().encode(json);
        expect(orderOf(parseJson(data))).toBeUndefined();
        expect(decodeProgress(data)).toBeUndefined();
      }),
    );
    const huge = encodeOrder({ target: { by: 'path', path: 'x'.repeat(20_000) }, soft: false });
    expect(orderOf(parseJson(huge))).toBeUndefined();
    expect(decodeProgress(encodeProgress({ ...PROGRESS, sequence: -1 }))).toBeUndefined();
  });
});

describe('the cursor of an edge', () => {
  it('is kept as a whole, in a folder made for it; what is no cursor is none', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'eddy-cursor-'));
    const file = join(folder, 'made/purges.json');
    const store = cursorFile(file);
    expect(await store.load()).toBeUndefined();
    await store.save({ epoch: 'e', sequence: 7 });
    await store.save({ epoch: 'e', sequence: 8 });
    expect(await cursorFile(file).load()).toEqual({ epoch: 'e', sequence: 8 });
    for (const text of ['', '{"epoch":"e"}', '{"epoch":"e","sequence":-1}', 'null']) {
      await writeFile(file, text);
      expect(await store.load()).toBeUndefined();
    }
    await rm(folder, { recursive: true });
  });
});
