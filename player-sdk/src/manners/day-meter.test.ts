import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fakeTime } from '../testing/fake-time.js';
import { DayMeter, localDay } from './day-meter.js';
import { PageStorage } from './page-storage.js';
import { UploadAccount } from './upload-account.js';

describe('the bytes of a day', () => {
  it('add up over reloads and over players, and begin anew each day', () => {
    const storage = new PageStorage();
    let day = '2026-11-26';
    const today = (): string => day;
    const meter = new DayMeter({ storage, today });
    const other = new DayMeter({ storage, today });
    meter.add(100);
    other.add(50);
    meter.add(1);
    expect([meter.bytes, other.bytes, new DayMeter({ storage, today }).bytes]).toEqual([151, 151, 151]);
    day = '2026-11-27';
    expect(meter.bytes).toBe(0);
    meter.add(7);
    expect([meter.bytes, other.bytes]).toEqual([7, 7]);
  });

  it('are not forgotten when the viewer clears the storage, while the page stays', () => {
    const storage = new PageStorage();
    const meter = new DayMeter({ storage, today: () => 'a day' });
    const spaceless = new DayMeter({ storage, today: () => 'day' });
    spaceless.add(5);
    storage.remove('eddy-uploaded');
    expect(spaceless.bytes).toBe(5);
    expect(meter.bytes).toBe(0);
  });

  it('are a count whatever else is found in their place', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.string().map((text) => `day ${text}`),
        ),
        fc.nat(),
        (found, bytes) => {
          const storage = new PageStorage();
          storage.set('eddy-uploaded', found);
          const meter = new DayMeter({ storage, today: () => 'day' });
          const before = meter.bytes;
          expect(Number.isSafeInteger(before) && before >= 0).toBe(true);
          meter.add(bytes);
          expect(meter.bytes).toBe(before + bytes);
        },
      ),
    );
  });

  it('have a day of the form of a date', () => expect(localDay()).toMatch(/^\d{4}-\d\d-\d\d$/));
});

describe('an account of uploads', () => {
  function open(capBytes: number): {
    time: ReturnType<typeof fakeTime>;
    meter: DayMeter;
    sent: { bytes: number };
    account: UploadAccount;
  } {
    const time = fakeTime();
    const meter = new DayMeter({ storage: new PageStorage(), today: () => 'day' });
    const sent = { bytes: 0 };
    const account = new UploadAccount(
      { timers: time.timers, meter, uploadedBytes: () => sent.bytes, onCount: () => {} },
      capBytes,
    );
    return { time, meter, sent, account };
  }

  it('is looked at the sooner, the nearer the cap is, and enters each byte once', async () => {
    const { time, meter, sent, account } = open(2_500_000_000);
    sent.bytes = 2_400_000_000;
    await time.advance(19_999);
    expect(meter.bytes).toBe(0);
    await time.advance(1);
    expect(meter.bytes).toBe(2_400_000_000);
    sent.bytes = 2_499_000_000;
    await time.advance(1_000);
    expect(meter.bytes).toBe(2_499_000_000);
    sent.bytes += 5;
    account.close();
    account.close();
    expect(meter.bytes).toBe(2_499_000_005);
    expect(time.pending).toBe(0);
  });

  it('has no haste without a cap, nor once it is reached', async () => {
    const { time, meter, sent } = open(0);
    sent.bytes = 9;
    await time.advance(29_999);
    expect(meter.bytes).toBe(0);
    await time.advance(1);
    expect(meter.bytes).toBe(9);
  });
});
