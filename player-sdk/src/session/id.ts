import type { Random } from '../components.js';

/** A name that nobody else has: 128 bits in hex. */
export function newId(random: Random): string {
  let id = '';
  for (let word = 0; word < 4; word++) {
    id += Math.floor(random() * 2 ** 32)
      .toString(16)
      .padStart(8, '0');
  }
  return id;
}

/** From the platform's generator, which plain-http pages have as well. */
export function pageRandom(): number {
  const [word = 0] = crypto.getRandomValues(new Uint32Array(1));
  return word / 2 ** 32;
}
