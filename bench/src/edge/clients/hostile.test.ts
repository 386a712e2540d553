import { describe, expect, it } from 'vitest';
import { HOSTILE_SHAPES, hostileRequest } from './hostile-requests.js';
import { statusesOf, whyPassed } from './hostile-verdict.js';

const target = { prefix: '', path: '/film/0.m4s', forbidden: '/secret/0', refusedTargets: [] };
const ok = (body: string): string => `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
const bad = 'HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n';

describe('hostile requests', () => {
  it('are all different in kind, go through all shapes in turn, and fit Latin-1', () => {
    const all = Array.from({ length: HOSTILE_SHAPES }, (_, index) => hostileRequest(target, index));
    expect(new Set(all.map(({ kind }) => kind)).size).toBe(HOSTILE_SHAPES);
    expect(hostileRequest(target, HOSTILE_SHAPES).kind).toBe(all[0]?.kind);
    for (const { bytes } of all) expect(Buffer.from(bytes, 'latin1').toString('latin1')).toBe(bytes);
  });

  it('try each refused credential where there are any', () => {
    const guarded = { ...target, refusedTargets: ['/t/forged/film/0.m4s', '/t/expired/film/0.m4s'] };
    const all = Array.from({ length: 16 }, (_, index) => hostileRequest(guarded, index));
    const credentials = all.filter(({ kind }) => kind === 'credential');
    expect(credentials).toHaveLength(4);
    expect(new Set(credentials.map(({ bytes }) => bytes)).size).toBe(2);
    expect(credentials.every(({ allowed }) => allowed === 'refusal')).toBe(true);
  });
});

describe('hostile requests behind a token', () => {
  it('carry it wherever they stay below it', () => {
    const guarded = { ...target, prefix: '/~good', path: '/~good/film/0.m4s' };
    const all = Array.from({ length: HOSTILE_SHAPES }, (_, index) => hostileRequest(guarded, index));
    expect(all.find(({ kind }) => kind === 'dots')?.bytes).toMatch(/^GET \/~good\/film\/\.\.\//);
    expect(all.find(({ kind }) => kind === 'two lengths')?.bytes).toMatch(/^GET \/~good\/film\/0\.m4s /);
  });
});

describe('verdict', () => {
  const options = { allowed: 'answer', secrets: ['LEAK'], maxBytes: 1000 } as const;

  it('finds every answer on a connection', () => {
    expect(statusesOf(ok('abc') + bad)).toEqual([200, 400]);
    expect(
      statusesOf(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n${ok('x')}`),
    ).toEqual([200, 200]);
    expect(statusesOf('')).toEqual([]);
    expect(statusesOf(ok(`HTTP/1.1 200 OK\r\n`))).toEqual([200]);
  });

  it.each([
    ['one answer', ok('abc'), undefined],
    ['a refusal after an answer', ok('abc') + bad, undefined],
    ['silence', '', undefined],
    ['two answers', ok('abc') + ok('x'), /2 times/],
    ['a secret', ok('LEAK'), /LEAK/],
    ['far more than was asked for', ok('a'.repeat(2000)), /bytes/],
  ])('judges %s', (_, text, why) => {
    const seen = whyPassed(text, options);
    if (why === undefined) expect(seen).toBeUndefined();
    else expect(seen).toMatch(why);
  });

  it('takes nothing but an error where a refusal is due', () => {
    expect(whyPassed(ok('abc'), { ...options, allowed: 'refusal' })).toMatch(/answered with 200/);
    expect(whyPassed(bad, { ...options, allowed: 'refusal' })).toBeUndefined();
  });
});
