import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Device, QUIET_DEVICE } from './environment.js';
import {
  LONG_HIDDEN_MS,
  LOW_BATTERY_LEVEL,
  mayUpload,
  nextLookAt,
  UPLOAD_OPTIONS,
  type UploadSnapshot,
} from './may-upload.js';

const NOW = 1_000_000;
const ALLOWED: UploadSnapshot = {
  option: 'wifi',
  peersOff: false,
  consented: true,
  viewerShares: true,
  site: { mode: 'on', arm: 'treated' },
  device: QUIET_DEVICE,
  uploadedTodayBytes: 0,
  uploadBytesPerDay: 0,
};

const network = (change: Partial<Device['network']>): Partial<UploadSnapshot> => ({
  device: { ...QUIET_DEVICE, network: { ...QUIET_DEVICE.network, ...change } },
});
const device = (change: Partial<Device>): Partial<UploadSnapshot> => ({
  device: { ...QUIET_DEVICE, ...change },
});

const UNTOLD = { kind: 'unknown', slow: false, saveData: false } as const;

describe('whether others are answered', () => {
  it.each<[string, Partial<UploadSnapshot>]>([
    ['on', {}],
    ['off: peers are off', { peersOff: true }],
    ['off: turned off here', { option: 'off' }],
    ['off: no consent', { consented: false }],
    ['off: turned off by the viewer', { viewerShares: false }],
    ['off: not joined yet', { site: undefined }],
    ['off: holdout', { site: { mode: 'off', arm: 'holdout' } }],
    ['off: turned off by the edge', { site: { mode: 'off', arm: 'treated' } }],
    ['off: turned off by the edge', { site: { mode: 'leech', arm: 'treated' } }],
    ['off: data saver', network({ saveData: true })],
    ['off: data saver', { option: 'on', ...network({ saveData: true }) }],
    ['off: cellular', network({ kind: 'cellular' })],
    ['on', { option: 'on', ...network({ kind: 'cellular' }) }],
    ['off: unknown network', device({ handheld: true, network: UNTOLD })],
    ['on', { option: 'on', ...device({ handheld: true, network: UNTOLD }) }],
    ['on', device({ handheld: false, network: UNTOLD })],
    ['on', device({ handheld: true })],
    ['off: slow network', network({ slow: true })],
    ['on', { option: 'on', ...network({ slow: true }) }],
    ['off: low battery', device({ battery: { level: LOW_BATTERY_LEVEL, charging: false } })],
    ['on', device({ battery: { level: LOW_BATTERY_LEVEL, charging: true } })],
    ['on', device({ battery: { level: 0.21, charging: false } })],
    ['off: hidden', device({ hiddenSince: NOW - LONG_HIDDEN_MS })],
    ['on', device({ hiddenSince: NOW - LONG_HIDDEN_MS + 1 })],
    ['off: daily cap', { uploadBytesPerDay: 10, uploadedTodayBytes: 10 }],
    ['on', { uploadBytesPerDay: 10, uploadedTodayBytes: 9 }],
    ['on', { uploadBytesPerDay: 0, uploadedTodayBytes: 1e12 }],
  ])('%s: %j', (expected, change) => {
    expect(mayUpload({ ...ALLOWED, ...change }, NOW)).toBe(expected);
  });

  it('tells what is settled before what may pass', () => {
    const all = { ...ALLOWED, viewerShares: false, ...network({ kind: 'cellular' }) };
    expect(mayUpload(all, NOW)).toBe('off: turned off by the viewer');
  });
});

const anyDevice: fc.Arbitrary<Device> = fc.record({
  network: fc.record({
    kind: fc.constantFrom('cellular', 'other', 'unknown'),
    slow: fc.boolean(),
    saveData: fc.boolean(),
  }),
  handheld: fc.boolean(),
  battery: fc.option(
    fc.record({ level: fc.double({ min: 0, max: 1, noNaN: true }), charging: fc.boolean() }),
    {
      nil: undefined,
    },
  ),
  hiddenSince: fc.option(fc.integer({ min: 0, max: NOW }), { nil: undefined }),
});

const anySnapshot: fc.Arbitrary<UploadSnapshot> = fc.record({
  option: fc.constantFrom(...UPLOAD_OPTIONS),
  peersOff: fc.boolean(),
  consented: fc.boolean(),
  viewerShares: fc.boolean(),
  site: fc.option(
    fc.record({
      mode: fc.constantFrom('on', 'leech', 'off'),
      arm: fc.constantFrom('treated', 'holdout'),
    }),
    { nil: undefined },
  ),
  device: anyDevice,
  uploadedTodayBytes: fc.nat(20),
  uploadBytesPerDay: fc.nat(20),
});

/** Half of what is drawn would hardly ever be allowed: here each "no" is drawn alone or with few others. */
const nearlyAllowed: fc.Arbitrary<UploadSnapshot> = fc
  .tuple(anySnapshot, fc.subarray(Object.keys(ALLOWED) as (keyof UploadSnapshot)[], { maxLength: 2 }))
  .map(([drawn, keys]) => ({ ...ALLOWED, ...Object.fromEntries(keys.map((key) => [key, drawn[key]])) }));

describe('for every situation', () => {
  it('nobody who was not asked, or said no, uploads', () => {
    fc.assert(
      fc.property(nearlyAllowed, (snapshot) => {
        if (mayUpload(snapshot, NOW) !== 'on') return;
        const { option, peersOff, consented, viewerShares, site, device: found } = snapshot;
        expect({ peersOff, consented, viewerShares, site }).toEqual({
          ...{ peersOff: false, consented: true, viewerShares: true },
          site: { mode: 'on', arm: 'treated' },
        });
        expect(option).not.toBe('off');
        expect(found.network.saveData).toBe(false);
        if (option === 'wifi') expect(found.network.kind).not.toBe('cellular');
      }),
    );
  });

  it('a considerate device takes nothing away, and `on` allows what `wifi` does', () => {
    fc.assert(
      fc.property(nearlyAllowed, (snapshot) => {
        if (mayUpload(snapshot, NOW) !== 'on') return;
        expect(mayUpload({ ...snapshot, device: QUIET_DEVICE }, NOW)).toBe('on');
        expect(mayUpload({ ...snapshot, option: 'on' }, NOW)).toBe('on');
      }),
    );
  });

  it('time alone changes the answer only at the moment that was foretold', () => {
    fc.assert(
      fc.property(nearlyAllowed, fc.nat(2 * LONG_HIDDEN_MS), (snapshot, later) => {
        const at = nextLookAt(snapshot.device, NOW);
        const before = mayUpload(snapshot, NOW);
        if (at === undefined || NOW + later < at) expect(mayUpload(snapshot, NOW + later)).toBe(before);
        else expect(mayUpload(snapshot, at)).toBe(before === 'on' ? 'off: hidden' : mayUpload(snapshot, at));
      }),
    );
  });
});
