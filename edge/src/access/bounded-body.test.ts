import { describe, expect, it } from 'vitest';
import { boundedBody } from './bounded-body.js';

async function* pieces(...lengths: number[]): AsyncGenerator<Uint8Array> {
  for (const length of lengths) yield new Uint8Array(length);
}

describe('a bounded body', () => {
  it('passes what is within the limit, and stops before what is not', async () => {
    const taken: number[] = [];
    for await (const piece of boundedBody(pieces(3, 4, 3), 10)) taken.push(piece.length);
    expect(taken).toEqual([3, 4, 3]);
    taken.length = 0;
    const over = async (): Promise<void> => {
      for await (const piece of boundedBody(pieces(3, 4, 4), 10)) taken.push(piece.length);
    };
    await expect(over()).rejects.toMatchObject({ code: 'body-too-large' });
    expect(taken).toEqual([3, 4]);
  });
});
