import { NO_COUNTERS, writeBeacon } from '@eddy/protocol';
import { decodeCmcd } from '@svta/cml-cmcd';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sampleBeacon } from '../sample-beacon.js';
import { decodeLine, decodePlain } from './decode-line.js';

/** The library gives tokens and inner lists as objects of its own where they have parameters. */
const byLibrary = (line: string): unknown => ({ ...decodeCmcd(line) });

describe('a CMCD line', () => {
  it('that the SDK writes is read as the library reads it', () => {
    const text = fc.string({ unit: 'grapheme-ascii', maxLength: 40 });
    fc.assert(
      fc.property(
        fc.record({ presentation: text, batch: text, session: text }),
        fc.array(fc.nat(600_000), { maxLength: 4 }),
        fc.record({ edgeBytes: fc.nat(), peerBytes: fc.nat() }),
        fc.array(text, { maxLength: 2 }),
        (names, starvationsMs, counters, errors) => {
          const beacon = {
            ...sampleBeacon(names),
            ...{ starvationsMs, errors, startupMs: 12, bitrateKbps: 3000 },
            counters: { ...NO_COUNTERS, ...counters },
          };
          const line = writeBeacon(beacon, { timeMs: 1, sequence: 1 });
          expect(decodeLine(line)).toEqual(byLibrary(line));
        },
      ),
    );
  });

  it('that anybody writes is read as the library reads it, or left to it', () => {
    const piece = fc.constantFrom(
      ...[
        'a',
        'sid',
        '=',
        '=',
        ',',
        '"',
        '(',
        ')',
        '1',
        '-2',
        ' ',
        ';',
        '\\',
        '?1',
        '.5',
        'x',
        'A',
        '*',
        '\n',
        'é',
      ],
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const line = pieces.join('');
        const plain = decodePlain(line);
        if (plain !== undefined) expect(plain).toEqual(byLibrary(line));
      }),
      { numRuns: 2000 },
    );
  });

  it.each(['sid="a"', 'sid="a",br=(1 2),e=t,v=2'])('%s is read here', (line) => {
    expect(decodePlain(line)).toEqual(byLibrary(line));
  });

  it.each(['', 'bs', 'sid="a\\"b"', 'br=(1;v)', 'pr=1.5', 'sid="a', 'ec=("x")'])(
    '%s is left to the library',
    (line) => {
      expect(decodePlain(line)).toBeUndefined();
    },
  );
});
