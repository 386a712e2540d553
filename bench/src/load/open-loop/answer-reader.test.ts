import fc from 'fast-check';
import { expect, it } from 'vitest';
import { AnswerReader } from './answer-reader.js';

const answer = (status: number, body: string): string =>
  `HTTP/1.1 ${status} X\r\nA: b\r\nContent-Length: ${body.length}\r\n\r\n${body}`;

function read(bytes: Buffer, cuts: readonly number[]): { answers: [number, string][]; mid: boolean } {
  const answers: [number, string][] = [];
  let body = '';
  const reader = new AnswerReader({
    onBody: (part) => {
      body += part.toString('latin1');
    },
    onEnd: (status) => {
      answers.push([status, body]);
      body = '';
    },
  });
  const places = [
    0,
    ...[...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b),
    bytes.length,
  ];
  const reused = Buffer.alloc(bytes.length);
  for (const [index, from] of places.slice(0, -1).entries()) {
    const to = places[index + 1] ?? bytes.length;
    bytes.copy(reused, 0, from, to);
    reader.push(reused.subarray(0, to - from));
    reused.fill(0x21);
  }
  return { answers, mid: reader.midAnswer };
}

it('reads answers wherever the stream is cut, from a buffer that is reused', () => {
  const bodies = fc.array(fc.string({ maxLength: 40, unit: 'binary-ascii' }), { maxLength: 4 });
  fc.assert(
    fc.property(bodies, fc.array(fc.nat(), { maxLength: 6 }), (texts, cuts) => {
      const bytes = Buffer.from(texts.map((text) => answer(200, text)).join(''), 'latin1');
      expect(read(bytes, cuts)).toEqual({ answers: texts.map((text) => [200, text]), mid: false });
    }),
  );
});

it('knows that an answer has not ended', () => {
  expect(read(Buffer.from(answer(200, 'abc').slice(0, -1)), []).mid).toBe(true);
  expect(read(Buffer.from('HTTP/1.1 20'), []).mid).toBe(true);
});

it('takes no body after 304', () => {
  const text = `HTTP/1.1 304 Not Modified\r\n\r\n${answer(200, 'x')}`;
  expect(read(Buffer.from(text), []).answers).toEqual([
    [304, ''],
    [200, 'x'],
  ]);
});

it.each([
  'SSH-2.0-x\r\n\r\n',
  'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n',
  'HTTP/1.1 200 OK\r\nX-Content-Length: 5\r\n\r\n',
])('refuses %j', (text) => {
  expect(() => read(Buffer.from(text), [])).toThrow(expect.objectContaining({ name: 'AnswerError' }));
});
