/** Two independent 32-bit hashes of a text; `mark` is never 0. With a secret seed nobody can choose what collides. */
export function keyHash(text: string, seed: number): { readonly mark: number; readonly spread: number } {
  let one = 0x9e3779b9 ^ seed;
  let two = 0x85ebca6b ^ Math.imul(seed, 0xc2b2ae35);
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    one = Math.imul(one ^ code, 0x27d4eb2f);
    one ^= one >>> 15;
    two = Math.imul(two ^ code, 0x165667b1);
    two ^= two >>> 13;
  }
  one = Math.imul(one ^ (two >>> 16), 0x85ebca6b);
  two = Math.imul(two ^ (one >>> 16), 0xc2b2ae35);
  return { mark: (one ^ (one >>> 13)) | 0 || 1, spread: (two ^ (two >>> 16)) >>> 0 };
}
