import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ProtocolError, type ProtocolErrorCode } from '../errors.js';
import { BEACON_COUNTERS, type Beacon, NO_COUNTERS } from './beacon.js';
import { readBeacon, writeBeacon } from './beacon-keys.js';
import { sessionOf, withoutSession, withSession } from './media-cmcd.js';

const counters = Object.fromEntries(BEACON_COUNTERS.map((counter, index) => [counter, index + 1]));

/** As a CMCD decoder gives it. */
const decoded = {
  br: [2500],
  bsd: [300, 20],
  cid: '/v/master.m3u8',
  'com.eddy-arm': 'treated',
  'com.eddy-batch': 'b1',
  'com.eddy-from': 'ann:5 ben_-:7',
  'com.eddy-n':
    'edge:1 mem:2 disk:3 fill:4 peer:5 up:6 waste:7 dup:8 hash:9 sig:10 turn:11 watched:12 later:3',
  'com.eddy-peers': '3',
  e: 't',
  ec: ['fragLoadError'],
  msd: 800,
  sid: 's1',
};

const beacon: Beacon = {
  batch: 'b1',
  session: 's1',
  presentation: '/v/master.m3u8',
  arm: 'treated',
  peers: 3,
  startupMs: 800,
  bitrateKbps: 2500,
  starvationsMs: [300, 20],
  errors: ['fragLoadError'],
  counters: { ...NO_COUNTERS, ...counters },
  from: [
    { peer: 'ann', bytes: 5 },
    { peer: 'ben_-', bytes: 7 },
  ],
};

describe('beacons', () => {
  it('are read whole, each counter by its name', () => {
    expect(readBeacon(decoded)).toEqual(beacon);
    expect([...BEACON_COUNTERS].sort()).toEqual(Object.keys(NO_COUNTERS).sort());
  });

  it('are written with keys in order, and without what there is nothing to say of', () => {
    const line = writeBeacon(beacon, { timeMs: 1000.4, sequence: 2 });
    expect(line).toContain('br=(2500),bsd=(300 20),cid="/v/master.m3u8",com.eddy-arm=treated,');
    expect(line).toContain('ec=("fragLoadError"),msd=800,sid="s1",sn=2,ts=1000,v=2');
    const bare = writeBeacon(
      { ...beacon, starvationsMs: [], errors: [], from: [], counters: NO_COUNTERS, presentation: '/"\\' },
      { timeMs: 1, sequence: 1 },
    );
    expect(bare).not.toMatch(/bsd|ec=|from/);
    expect(bare).toContain('cid="/\\"\\\\"');
    expect(bare).toContain('com.eddy-n=""');
  });

  it('name the viewer as a join does, where no edge told the group', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 32 }), (viewer) => {
        const line = writeBeacon({ ...beacon, arm: { viewer } }, { timeMs: 1, sequence: 1 });
        expect(line).not.toContain('eddy-arm');
        const [, word] = /com\.eddy-viewer="([^"]*)"/.exec(line) ?? [];
        const { 'com.eddy-arm': _, ...rest } = decoded;
        expect(readBeacon({ ...rest, 'com.eddy-viewer': word }).arm).toEqual({ viewer });
      }),
    );
    const half = writeBeacon({ ...beacon, arm: { viewer: '\ud83d!' } }, { timeMs: 1, sequence: 1 });
    expect(half).toContain('com.eddy-viewer="%EF%BF%BD!"');
  });

  it('name long presentations by a key of their own, since cid has 128 characters', () => {
    const presentation = `/${'x'.repeat(128)}`;
    const line = writeBeacon({ ...beacon, presentation }, { timeMs: 1, sequence: 1 });
    expect(line).toContain(`com.eddy-cid="${presentation}"`);
    const { cid: _, ...rest } = decoded;
    expect(readBeacon({ ...rest, 'com.eddy-cid': presentation }).presentation).toBe(presentation);
  });

  it.each<[string, ProtocolErrorCode, object]>([
    ['an unknown arm', 'bad-value', { 'com.eddy-arm': 'both' }],
    ['a viewer without end', 'too-large', { 'com.eddy-viewer': 'x'.repeat(65) }],
    ['a viewer that is none', 'bad-value', { 'com.eddy-viewer': '%zz' }],
    ['a batch without end', 'too-large', { 'com.eddy-batch': 'x'.repeat(65) }],
    ['more watched time than passed', 'bad-value', { 'com.eddy-n': 'watched:600001' }],
    ['more bytes than a link carries', 'bad-value', { 'com.eddy-n': 'peer:75000000001' }],
    ['negative bytes', 'bad-value', { 'com.eddy-n': 'edge:-1' }],
    ['half a byte', 'bad-value', { 'com.eddy-n': 'edge:0.5' }],
    ['no counters', 'bad-value', { 'com.eddy-n': undefined }],
    ['no session', 'bad-value', { sid: 7 }],
    ['more peers than channels', 'too-large', { 'com.eddy-from': 'ann:1 '.repeat(65).trim() }],
    ['a starvation that is none', 'bad-value', { bsd: ['long'] }],
    ['a peer count that is none', 'bad-value', { 'com.eddy-peers': '-1' }],
  ])('are refused with %s', (_what, code, change) => {
    expect(() => readBeacon({ ...decoded, ...change })).toThrow(expect.objectContaining({ code }));
  });

  it('throw nothing but protocol errors, whatever was decoded', () => {
    const keys = fc.constantFrom(...Object.keys(decoded));
    fc.assert(
      fc.property(fc.dictionary(keys, fc.jsonValue()), (changes) => {
        try {
          readBeacon({ ...decoded, ...changes });
        } catch (error) {
          expect(error).toBeInstanceOf(ProtocolError);
        }
      }),
    );
  });
});

describe('the session in media requests', () => {
  it.each(['/v/1.m4s', '/v/1.m4s?token=x', 'https://e.example/1.ts?a=b'])('survives %s', (url) => {
    expect(sessionOf(withSession(url, 's_-1'))).toBe('s_-1');
    expect(withoutSession(withSession(url, 's_-1'))).toBe(url);
  });

  it('leaves what a page says by itself, and is read from that', () => {
    const url = '/v/1.m4s?CMCD=br%3D100%2Csid%3D%226e2fb550-c457%22&x=1';
    expect(withSession(url, 'other')).toBe(url);
    expect(sessionOf(url)).toBe('6e2fb550-c457');
    for (const own of [url, '/v/1.m4s', `${withSession('/a', 's')}&x=1`, '/a?x=%22%2Cv%3D2']) {
      expect(withoutSession(own)).toBe(own);
    }
    expect(withoutSession('CMCD=sid%3D%22s%22%2Cv%3D2')).toBe('');
    expect(sessionOf('/v/1.m4s')).toBeUndefined();
    expect(sessionOf('/v/1.m4s?CMCD=br%3D100')).toBeUndefined();
    expect(sessionOf('/sid%3D%22x%22')).toBeUndefined();
  });

  it('goes before a fragment', () => {
    expect(withSession('/a#b', 's')).toBe('/a?CMCD=sid%3D%22s%22%2Cv%3D2#b');
  });
});
