import fc from 'fast-check';
import { expect, it } from 'vitest';
import { PathIndex } from './path-index.js';

it('answers as a list of pairs would', () => {
  const word = fc.constantFrom('a', 'b', 'c');
  const step = fc.record({ add: fc.boolean(), path: word, key: word });
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const index = new PathIndex();
      const pairs = new Set<string>();
      for (const { add, path, key } of steps) {
        if (add) index.add(path, key);
        else index.delete(path, key);
        if (add) pairs.add(path + key);
        else pairs.delete(path + key);
      }
      for (const path of ['a', 'b', 'c']) {
        const expected = ['a', 'b', 'c'].filter((key) => pairs.has(path + key));
        expect(index.keysOf(path).sort()).toEqual(expected);
      }
      expect(index.size).toBe(new Set([...pairs].map((pair) => pair[0])).size);
    }),
  );
});
