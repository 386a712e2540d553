import { createHash, webcrypto } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CHUNK_BYTES } from '../limits.js';
import { bytesOf, hexOf } from '../testing/hex.js';
import { chunkCount, chunkRange, leafOf, leavesOf, rootOf, type Sha256, sameHash } from './merkle.js';

const sha256: Sha256 = (bytes) => new Uint8Array(createHash('sha256').update(bytes).digest());

/**
 * Test data of the Certificate Transparency tree, which has the same hashing (RFC 9162 section 2.1.1): inputs of
 * the reference implementation's known answers.
 */
const INPUTS = [
  '',
  '00',
  '10',
  '2021',
  '3031',
  '40414243',
  '5051525354555657',
  '606162636465666768696a6b6c6d6e6f',
];
const ROOTS = [
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
];

describe('the Merkle tree', () => {
  it.each(ROOTS.map((root, index) => [index + 1, root] as const))(
    'of the first %i known inputs has the known root',
    async (count, root) => {
      const leaves = await Promise.all(
        INPUTS.slice(0, count).map(async (input) => leafOf(bytesOf(input), sha256)),
      );
      expect(hexOf(await rootOf(leaves, sha256))).toBe(root);
    },
  );

  it('of a segment is made of 64 KiB leaves, the last one shorter', async () => {
    const segment = new Uint8Array(2 * CHUNK_BYTES + 5).map((_, index) => index & 0xff);
    const leaves = await leavesOf(segment, sha256);
    expect(leaves).toHaveLength(3);
    expect(leaves[2]).toEqual(await leafOf(segment.subarray(2 * CHUNK_BYTES), sha256));
    const node = (left: Uint8Array, right: Uint8Array): Uint8Array =>
      new Uint8Array(createHash('sha256').update(Uint8Array.of(1)).update(left).update(right).digest());
    const [one, two, three] = leaves;
    if (one === undefined || two === undefined || three === undefined) throw new Error('three leaves');
    expect(await rootOf(leaves, sha256)).toEqual(node(node(one, two), three));
  });

  it('of an empty segment is its one empty leaf', async () => {
    const leaves = await leavesOf(new Uint8Array(0), sha256);
    expect(leaves.map(hexOf)).toEqual([ROOTS[0]]);
    expect(hexOf(await rootOf(leaves, sha256))).toBe(ROOTS[0]);
  });

  it('is the same by crypto.subtle', async () => {
    const subtle: Sha256 = async (bytes) => new Uint8Array(await webcrypto.subtle.digest('SHA-256', bytes));
    const segment = new Uint8Array(3 * CHUNK_BYTES + 1).fill(3);
    expect(await rootOf(await leavesOf(segment, subtle), subtle)).toEqual(
      await rootOf(await leavesOf(segment, sha256), sha256),
    );
  });

  it('changes with any leaf, and with their order', async () => {
    const leaf = fc.uint8Array({ minLength: 32, maxLength: 32 });
    await fc.assert(
      fc.asyncProperty(fc.array(leaf, { minLength: 2, maxLength: 20 }), fc.nat(), async (leaves, at) => {
        const root = await rootOf(leaves, sha256);
        const index = at % leaves.length;
        const changed = leaves.map((one, place) => (place === index ? one.map((byte) => byte ^ 1) : one));
        expect(sameHash(await rootOf(changed, sha256), root)).toBe(false);
        const swapped = [...leaves].reverse();
        const same = swapped.every((one, place) => sameHash(one, leaves[place] ?? new Uint8Array(0)));
        if (!same) expect(sameHash(await rootOf(swapped, sha256), root)).toBe(false);
      }),
    );
  });

  it('needs a leaf', async () => {
    await expect(rootOf([], sha256)).rejects.toThrow(RangeError);
  });
});

describe('chunks', () => {
  it('cover a segment without gaps', () => {
    fc.assert(
      fc.property(fc.nat(10 * CHUNK_BYTES), (bytes) => {
        let at = 0;
        for (let index = 0; index < chunkCount(bytes); index++) {
          const { start, end } = chunkRange(index, bytes);
          expect(start).toBe(at);
          expect(end - start).toBeLessThanOrEqual(CHUNK_BYTES);
          at = end;
        }
        expect(at).toBe(bytes);
      }),
    );
    expect([0, 1, CHUNK_BYTES, CHUNK_BYTES + 1].map(chunkCount)).toEqual([1, 1, 1, 2]);
  });
});

describe('sameHash', () => {
  it('compares lengths as well as bytes', () => {
    expect(sameHash(Uint8Array.of(1, 2), Uint8Array.of(1, 2))).toBe(true);
    expect(sameHash(Uint8Array.of(1, 2), Uint8Array.of(1, 3))).toBe(false);
    expect(sameHash(Uint8Array.of(1, 2), Uint8Array.of(1, 2, 3))).toBe(false);
    expect(sameHash(Uint8Array.of(1, 2, 3), Uint8Array.of(1, 2))).toBe(false);
  });
});
