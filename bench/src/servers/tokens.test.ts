import { createHmac } from 'node:crypto';
import { expect, it } from 'vitest';
import { badTokens, benchKeys, goodToken } from './tokens.js';

const NOW = 1_800_000_000_000;
const decode = (text = ''): unknown => JSON.parse(Buffer.from(text, 'base64url').toString());

function signed(token: string): boolean {
  const { keys }: { keys: { k: string }[] } = JSON.parse(benchKeys());
  const [header, claims, signature] = token.split('.');
  const secret = Buffer.from(keys[0]?.k ?? '', 'base64url');
  return createHmac('sha256', secret).update(`${header}.${claims}`).digest('base64url') === signature;
}

it('signs a token for an hour with the key that the edge is given', () => {
  const token = goodToken('/film', NOW);
  expect(signed(token)).toBe(true);
  expect(decode(token.split('.')[1])).toMatchObject({ pfx: '/film', exp: 1_800_003_600 });
});

it('has something wrong with each of the others', () => {
  const bad = badTokens('/film', NOW);
  for (const kind of [
    'another signature',
    'half a signature',
    'claims changed',
    'another key',
    'empty key',
    'no token at all',
  ])
    expect(signed(bad[kind] ?? ''), kind).toBe(false);
  for (const kind of [
    'expired',
    'not yet',
    'another path',
    'half of the path',
    'without an end',
    'another address',
  ])
    expect(signed(bad[kind] ?? ''), kind).toBe(true);
  expect(new Set(Object.values(bad)).size).toBe(Object.keys(bad).length);
  expect(Object.values(bad)).not.toContain(goodToken('/film', NOW));
});
