import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type WholeRequest, WholeRequestReader } from './whole-request.js';

const read = (text: string, decidingFields: string[] = []): WholeRequest | undefined =>
  new WholeRequestReader({ maxBytes: 4096, decidingFields }).read(Buffer.from(text, 'latin1'));
const get = (...fields: string[]): string =>
  `GET /a.m3u8 HTTP/1.1\r\nHost: h\r\n${fields.join('\r\n')}${fields.length > 0 ? '\r\n' : ''}\r\n`;

describe('WholeRequestReader', () => {
  it('reads target, host and the number of fields', () => {
    expect(
      read('GET /a/b.m4s?x=%20 HTTP/1.1\r\nHost: [::1]:8080\r\nAccept: */*\r\nX-Empty:\r\n\r\n'),
    ).toEqual({
      method: 'GET',
      body: '',
      target: '/a/b.m4s?x=%20',
      host: '[::1]:8080',
      fieldCount: 3,
      plain: true,
    });
  });

  it.each([
    ['Connection: Keep-Alive'],
    ['Cookie: a=b'],
    ['Accept-Encoding: gzip, br'],
    ['Sec-Fetch-Mode: cors'],
    ['Content-Type: text/plain'],
  ])('%s is plain', (field) => expect(read(get(field))?.plain).toBe(true));

  it.each([
    ['Range: bytes=0-1'],
    ['if-none-match: "a"'],
    ['If-Modified-Since: x'],
    ['If-Range: "a"'],
    ['Authorization: Bearer x'],
    ['Upgrade: websocket'],
    ['Connection: close'],
    ['Connection: keep-alive, upgrade'],
    ['Proxy-Connection: close'],
    ['Expect: 100-continue'],
    ['TE: trailers'],
    ['Cache-Control: no-cache'],
    ['CDN-Loop: x'],
  ])('%s is whole, not plain', (field) => expect(read(get(field))?.plain).toBe(false));

  it('takes more deciding fields', () => {
    expect(read(get('Cookie: a=b'), ['cookie'])?.plain).toBe(false);
  });

  it.each([
    ['no host', 'GET / HTTP/1.1\r\n\r\n'],
    ['two hosts', get('Host: h')],
    ['a host that is none', 'GET / HTTP/1.1\r\nHost: a b\r\n\r\n'],
    ['an empty host', 'GET / HTTP/1.1\r\nHost:\r\n\r\n'],
    ['a user in the host', 'GET / HTTP/1.1\r\nHost: a@b\r\n\r\n'],
    ['a body', get('Content-Length: 0')],
    ['chunks', get('Transfer-Encoding: chunked')],
    ['something behind', `${get()}G`],
    ['another request behind', get() + get()],
    ['an empty line before', `\r\n${get()}`],
    ['half', get().slice(0, -2)],
    ['no field at all', 'GET / HTTP/1.1\r\n\r\n'],
    ['bare LF', 'GET / HTTP/1.1\nHost: h\n\n'],
    ['bare LF in the middle', 'GET / HTTP/1.1\r\nHost: h\nA: b\r\n\r\n'],
    ['bare CR', get('A: b\rc')],
    ['folding', get('A: b', ' c')],
    ['space before the colon', get('A : b')],
    ['space before the name', get(' A: b')],
    ['two spaces before the value', get('A:  b')],
    ['space behind the value', get('A: b ')],
    ['a tab', get('A:\tb')],
    ['a NUL', get('A: b\0c')],
    ['bytes over 0x7e', get('A: \xe4')],
    ['odd characters in a name', get('A_b: c')],
    ['HTTP/1.0', 'GET / HTTP/1.0\r\nHost: h\r\n\r\n'],
    ['lower case', 'get / HTTP/1.1\r\nHost: h\r\n\r\n'],
    ['HEAD', 'HEAD / HTTP/1.1\r\nHost: h\r\n\r\n'],
    ['two spaces', 'GET  / HTTP/1.1\r\nHost: h\r\n\r\n'],
    ['absolute form', 'GET http://h/ HTTP/1.1\r\nHost: h\r\n\r\n'],
    ['an encoded path', 'GET /%61 HTTP/1.1\r\nHost: h\r\n\r\n'],
    ['a fragment', 'GET /#a HTTP/1.1\r\nHost: h\r\n\r\n'],
    ['too much', get(`A: ${'b'.repeat(4096)}`)],
  ])('leaves alone: %s', (_what, text) => expect(read(text)).toBeUndefined());

  it('finds out the same about the same bytes, whatever it read before', () => {
    const texts = [get(), get('Range: bytes=0-1'), get('Host: h'), get('A: b'), get().replace('a.m3u8', 'b')];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...texts)), (sequence) => {
        const reader = new WholeRequestReader({ maxBytes: 4096 });
        for (const text of sequence) expect(reader.read(Buffer.from(text))).toEqual(read(text));
      }),
    );
  });
});

describe('WholeRequestReader of POSTs', () => {
  const post = (body: string, ...fields: string[]): string =>
    ['POST /_eddy/beacon HTTP/1.1', 'Host: h', ...fields, '', body].join('\r\n');

  it('reads the body, and who sends it', () => {
    expect(read(post('abc', 'Content-Length: 3', 'User-Agent: tv'))).toEqual({
      ...{ method: 'POST', target: '/_eddy/beacon', host: 'h', body: 'abc' },
      ...{ userAgent: 'tv', fieldCount: 3, plain: true },
    });
  });

  it('tells requests of one connection apart that differ by their body', () => {
    const reader = new WholeRequestReader({ maxBytes: 4096 });
    const bodies = ['ab', 'cd', ''].map(
      (body) => reader.read(Buffer.from(post(body, `Content-Length: ${body.length}`)))?.body,
    );
    expect(bodies).toEqual(['ab', 'cd', '']);
  });

  it('finds out the same about headers that are nearly alike, whatever it read before', () => {
    const length = fc.constantFrom(
      '0',
      '3',
      '10',
      '03',
      '',
      '3\r\nContent-Length: 3',
      '3\r\nHost: h',
      '3 ',
      '3\r\n',
    );
    const field = fc.constantFrom(
      'User-Agent: tv',
      'User-Agent: t',
      'Content-Length: 3',
      'Range: bytes=0-',
      'A: b\r',
    );
    const request = fc
      .record({ length, before: fc.array(field, { maxLength: 1 }), after: fc.array(field, { maxLength: 1 }) })
      .chain(({ length: said, before, after }) =>
        fc
          .constantFrom('', 'abc', 'abcdefghij')
          .map((body) => post(body, ...before, `Content-Length: ${said}`, ...after)),
      );
    fc.assert(
      fc.property(fc.array(fc.oneof(request, fc.constant(get())), { maxLength: 12 }), (sequence) => {
        const reader = new WholeRequestReader({ maxBytes: 4096 });
        for (const text of sequence) expect(reader.read(Buffer.from(text))).toEqual(read(text));
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    ['no length', post('')],
    ['a length that is short', post('abc', 'Content-Length: 2')],
    ['a length that is long', post('abc', 'Content-Length: 4')],
    ['two lengths', post('abc', 'Content-Length: 3', 'Content-Length: 3')],
    ['a length that is none', post('abc', 'Content-Length: +3')],
    ['a length in octal', post('abc', 'Content-Length: 03')],
    ['chunks', post('0\r\n\r\n', 'Transfer-Encoding: chunked')],
    ['both', post('abc', 'Content-Length: 3', 'Transfer-Encoding: chunked')],
    ['what is not ASCII', post('ä', 'Content-Length: 1')],
    ['a NUL', post('\0', 'Content-Length: 1')],
    ['a request behind', post(`abc${get()}`, 'Content-Length: 3')],
    ['another method', post('abc', 'Content-Length: 3').replace('POST', 'PUT')],
    ['a word that begins so', post('abc', 'Content-Length: 3').replace('POST', 'POSTER')],
  ])('leaves %s alone', (_, text) => expect(read(text)).toBeUndefined());
});
