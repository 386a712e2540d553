import { describe, expect, it } from 'vitest';
import { type KeyStore, PageStorage } from './page-storage.js';

function memory(): KeyStore & { readonly kept: Map<string, string> } {
  const kept = new Map<string, string>();
  return {
    kept,
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, value) => void kept.set(key, value),
    removeItem: (key) => void kept.delete(key),
  };
}

const refused = (): never => {
  throw new DOMException('The operation is insecure.', 'SecurityError');
};

describe('page storage', () => {
  it('keeps values where the browser keeps them', () => {
    const store = memory();
    const storage = new PageStorage({ store: () => store });
    storage.set('a', '1');
    expect(store.kept).toEqual(new Map([['a', '1']]));
    expect(new PageStorage({ store: () => store }).get('a')).toBe('1');
    storage.remove('a');
    expect(storage.get('a')).toBeUndefined();
  });

  it.each<[string, () => KeyStore]>([
    ['is refused', refused],
    ['refuses everything', () => ({ getItem: refused, setItem: refused, removeItem: refused })],
    ['is full', () => ({ ...memory(), setItem: refused })],
  ])('a storage that %s lasts for the page, and throws nothing', (_, store) => {
    const storage = new PageStorage({ store });
    expect(storage.get('a')).toBeUndefined();
    storage.set('a', '1');
    expect(storage.get('a')).toBe('1');
    storage.remove('a');
    expect(storage.get('a')).toBeUndefined();
  });

  it('a value that came when the storage was full gives way to one that fits', () => {
    const store = memory();
    let full = true;
    const setItem = (key: string, value: string): void => (full ? refused() : store.setItem(key, value));
    const storage = new PageStorage({ store: () => ({ ...store, setItem }) });
    storage.set('a', 'kept by the page');
    full = false;
    storage.set('a', 'kept by the browser');
    expect([storage.get('a'), store.kept.get('a')]).toEqual(['kept by the browser', 'kept by the browser']);
  });

  it('tells of what is set here and in other tabs, to who listens', () => {
    const page = new EventTarget();
    const storage = new PageStorage({ store: memory, page });
    let heard = 0;
    const end = storage.onChange('a', () => heard++);
    storage.set('a', '1');
    storage.set('b', '1');
    expect(heard).toBe(1);
    page.dispatchEvent(Object.assign(new Event('storage'), { key: 'a' }));
    page.dispatchEvent(Object.assign(new Event('storage'), { key: 'b' }));
    expect(heard).toBe(2);
    page.dispatchEvent(Object.assign(new Event('storage'), { key: null }));
    expect(heard).toBe(3);
    end();
    storage.remove('a');
    page.dispatchEvent(Object.assign(new Event('storage'), { key: 'a' }));
    expect(heard).toBe(3);
  });
});
