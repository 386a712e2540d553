import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ProtocolError } from '../errors.js';

/** What every reader of untrusted JSON owes. `values` are valid messages. */
export function itIsASafeReader<Value>(parse: (text: string) => Value, values: fc.Arbitrary<Value>): void {
  it('reads what was written', () => {
    fc.assert(
      fc.property(values, (value) => {
        expect(parse(JSON.stringify(value))).toEqual(value);
      }),
    );
  });

  it('ignores fields that it does not know', () => {
    fc.assert(
      fc.property(values, (value) => {
        expect(parse(JSON.stringify({ ...value, fromTheFuture: [1] }))).toEqual(value);
      }),
    );
  });

  it('throws nothing but ProtocolError at text that is cut short', () => {
    fc.assert(
      fc.property(values, (value) => {
        const text = JSON.stringify(value);
        for (let length = 0; length < text.length; length += 1 + Math.floor(text.length / 200)) {
          expect(() => parse(text.slice(0, length))).toThrow(ProtocolError);
        }
      }),
      { numRuns: 50 },
    );
  });

  it('throws nothing but ProtocolError at any text and any JSON', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(() => parse(text)).toThrow(ProtocolError);
      }),
    );
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(() => parse(text)).toThrow(ProtocolError);
      }),
    );
  });

  it('throws nothing but ProtocolError when any one field is missing or something else', () => {
    fc.assert(
      fc.property(values, fc.nat(), fc.jsonValue(), (value, at, other) => {
        const whole: [string, unknown][] = Object.entries(value ?? {});
        const index = at % whole.length;
        const missing = whole.filter((_, place) => place !== index);
        const replaced = whole.map(([name, kept], place) => [name, place === index ? other : kept]);
        for (const entries of [missing, replaced]) {
          try {
            parse(JSON.stringify(Object.fromEntries(entries)));
          } catch (error) {
            expect(error).toBeInstanceOf(ProtocolError);
          }
        }
      }),
      { numRuns: 300 },
    );
  });
}
