import type { Random } from '../../components.js';

/** A set that gives a random item in constant time. */
export class SampledSet<Item> {
  readonly #items: Item[] = [];
  readonly #places = new Map<Item, number>();

  get size(): number {
    return this.#items.length;
  }

  get items(): readonly Item[] {
    return this.#items;
  }

  add(item: Item): void {
    if (this.#places.has(item)) return;
    this.#places.set(item, this.#items.length);
    this.#items.push(item);
  }

  delete(item: Item): void {
    const place = this.#places.get(item);
    const last = this.#items.pop();
    if (place === undefined || last === undefined) {
      if (last !== undefined) this.#items.push(last);
      return;
    }
    this.#places.delete(item);
    if (place === this.#items.length) return;
    this.#items[place] = last;
    this.#places.set(last, place);
  }
}

/** Up to this many are looked at one by one; of more, random ones are drawn. */
const SMALL = 64;

/**
 * Up to `wanted` different acceptable items, at random. Of a large list it may give fewer than there are, since it
 * draws a bounded number of times: a room of 10,000 costs no more than one of 100.
 */
export function sample<Item>(
  items: readonly Item[],
  wanted: number,
  acceptable: (item: Item) => boolean,
  random: Random,
): Item[] {
  if (wanted <= 0) return [];
  if (items.length <= SMALL) return shuffled(items.filter(acceptable), random).slice(0, wanted);
  const chosen = new Set<Item>();
  for (let draws = SMALL + 8 * wanted; draws > 0 && chosen.size < wanted; draws--) {
    const item = items[Math.floor(random() * items.length)];
    if (item !== undefined && acceptable(item)) chosen.add(item);
  }
  return [...chosen];
}

function shuffled<Item>(items: readonly Item[], random: Random): Item[] {
  const keyed = items.map((item) => ({ item, key: random() }));
  return keyed.sort((a, b) => a.key - b.key).map(({ item }) => item);
}
