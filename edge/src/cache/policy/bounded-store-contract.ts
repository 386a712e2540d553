import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BoundedStore, BoundedStoreComponents } from './bounded-store.js';

type Open = (components: BoundedStoreComponents<number>, limitBytes: number) => BoundedStore<number>;

type Step =
  | { readonly is: 'set'; readonly key: string; readonly bytes: number }
  | { readonly is: 'get' | 'peek' | 'delete'; readonly key: string };

const LIMIT_BYTES = 100;
const key = fc.integer({ min: 0, max: 15 }).map((number) => `/v/${number}`);
const step: fc.Arbitrary<Step> = fc.oneof(
  // Some larger than a probation queue, some larger than everything.
  fc.record({
    is: fc.constant('set' as const),
    key,
    bytes: fc.oneof(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 130 })),
  }),
  fc.record({ is: fc.constant('get' as const), key }),
  fc.record({ is: fc.constant('get' as const), key }),
  fc.record({ is: fc.constantFrom('peek' as const, 'delete' as const), key }),
);

/** What every policy promises, whoever it lets go. */
export function describeBoundedStore(name: string, open: Open): void {
  describe(`${name} as a bounded store`, () => {
    it('holds what was set last or nothing, within its bytes, through any sequence', () => {
      fc.assert(
        fc.property(fc.array(step, { maxLength: 300, size: 'max' }), (steps) => {
          const model = new Map<string, { readonly value: number; readonly bytes: number }>();
          let evictions = 0;
          const onEvict = (evicted: string, value: number): void => {
            expect(model.get(evicted)?.value).toBe(value);
            model.delete(evicted);
            evictions++;
          };
          const store = open({ onEvict }, LIMIT_BYTES);
          for (const [value, { is, ...what }] of steps.entries()) {
            if (is === 'set' && 'bytes' in what) {
              model.delete(what.key);
              if (store.set(what.key, value, what.bytes)) model.set(what.key, { value, bytes: what.bytes });
            } else if (is === 'delete') expect(store.delete(what.key)).toBe(model.delete(what.key));
            else if (is === 'get') expect(store.get(what.key)).toBe(model.get(what.key)?.value);
            else expect(store.peek(what.key)).toBe(model.get(what.key)?.value);
            const held = [...model.values()].reduce((sum, { bytes }) => sum + bytes, 0);
            expect([store.size, store.bytes, store.evictions]).toEqual([model.size, held, evictions]);
            expect(store.bytes).toBeLessThanOrEqual(LIMIT_BYTES);
          }
          expect([...store.keys()].sort()).toEqual([...model.keys()].sort());
        }),
      );
    });

    it('holds everything while it all fits', () => {
      const store = open({}, LIMIT_BYTES);
      for (let at = 0; at < 8; at++) expect(store.set(`/${at}`, at, 10)).toBe(true);
      expect([...store.keys()].sort()).toEqual(['/0', '/1', '/2', '/3', '/4', '/5', '/6', '/7']);
      expect([store.bytes, store.evictions, store.limitBytes]).toEqual([80, 0, LIMIT_BYTES]);
    });

    it('refuses what is larger than itself, and forgets what the key held', () => {
      const store = open({}, LIMIT_BYTES);
      store.set('/a', 1, 10);
      expect(store.set('/a', 2, LIMIT_BYTES + 1)).toBe(false);
      expect([store.peek('/a'), store.size, store.bytes, store.evictions]).toEqual([undefined, 0, 0, 0]);
    });

    it('takes half of its bytes as one value', () => {
      const store = open({}, LIMIT_BYTES);
      for (let at = 0; at < 50; at++) store.set(`/${at}`, at, 10);
      expect(store.set('/large', 1, LIMIT_BYTES / 2)).toBe(true);
      expect(store.get('/large')).toBe(1);
    });

    it('keeps what is used all the time through a scan', () => {
      const store = open({}, LIMIT_BYTES);
      store.set('/live.m3u8', -1, 2);
      for (let at = 0; at < 1000; at++) {
        expect(store.get('/live.m3u8')).toBe(-1);
        store.set(`/${at}`, at, 3);
      }
    });

    it('lets nothing stay for ever: what is not used leaves', () => {
      const store = open({}, LIMIT_BYTES);
      store.set('/once-loved', -1, 10);
      for (let at = 0; at < 10; at++) store.get('/once-loved');
      for (let at = 0; at < 100; at++) {
        store.set(`/${at}`, at, 10);
        for (let use = 0; use < 4; use++) store.get(`/${at}`);
      }
      expect(store.peek('/once-loved')).toBeUndefined();
    });
  });
}
