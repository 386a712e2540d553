import { describe, expect, it } from 'vitest';
import { fakeTime, settle } from '../testing/fake-time.js';
import { BrowserEnvironment, type BrowserPage } from './browser-environment.js';
import { QUIET_DEVICE } from './environment.js';

/** Counts who listens. */
class Source extends EventTarget {
  listening = 0;

  override addEventListener(...args: Parameters<EventTarget['addEventListener']>): void {
    this.listening++;
    super.addEventListener(...args);
  }

  override removeEventListener(...args: Parameters<EventTarget['removeEventListener']>): void {
    this.listening--;
    super.removeEventListener(...args);
  }
}

function environmentOf(page: BrowserPage): BrowserEnvironment {
  return new BrowserEnvironment({ clock: fakeTime().clock, page });
}

const connection = (fields: object) => Object.assign(new Source(), fields);

describe('what a browser tells', () => {
  it('nothing: a desktop that wants no consideration', () => {
    const nothing = environmentOf({}).device;
    expect(nothing).toEqual({ ...QUIET_DEVICE, network: { kind: 'unknown', slow: false, saveData: false } });
    environmentOf({ navigator: {}, document: new EventTarget() }).onChange(() => {})();
  });

  it.each([
    [
      { type: 'wifi', effectiveType: '4g' },
      { kind: 'other', slow: false, saveData: false },
    ],
    [
      { type: 'cellular', effectiveType: '4g' },
      { kind: 'cellular', slow: false, saveData: false },
    ],
    [
      { type: 'unknown', effectiveType: '3g' },
      { kind: 'unknown', slow: true, saveData: false },
    ],
    [
      { effectiveType: 'slow-2g', saveData: true },
      { kind: 'unknown', slow: true, saveData: true },
    ],
    [{ effectiveType: '4g' }, { kind: 'unknown', slow: false, saveData: false }],
  ])('connection %j', (fields, network) => {
    expect(environmentOf({ navigator: { connection: connection(fields) } }).device.network).toEqual(network);
  });

  it.each([
    [{ userAgent: 'Mozilla/5.0 (X11; Linux x86_64) Chrome/140.0' }, false],
    [{ userAgent: 'Mozilla/5.0 (Linux; Android 14; Pixel 8) Chrome/140.0 Mobile Safari/537.36' }, true],
    [{ userAgent: 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile' }, true],
    [{ userAgent: 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/18.0', maxTouchPoints: 5 }, true],
    [{ userAgent: 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/18.0', maxTouchPoints: 0 }, false],
    [{ userAgentData: { mobile: true } }, true],
  ])('device %j: handheld %s', (navigator, handheld) => {
    expect(environmentOf({ navigator }).device.handheld).toBe(handheld);
  });

  it('a page out of sight, unless its picture has a window of its own', async () => {
    const time = fakeTime();
    const document = Object.assign(new Source(), {
      visibilityState: 'hidden',
      pictureInPictureElement: null as object | null,
    });
    await time.advance(10);
    const environment = new BrowserEnvironment({ clock: time.clock, page: { document } });
    let changes = 0;
    const end = environment.onChange(() => {
      changes++;
      void environment.device;
    });
    await time.advance(10);
    expect(environment.device.hiddenSince).toBe(10);
    document.visibilityState = 'visible';
    document.dispatchEvent(new Event('visibilitychange'));
    expect(environment.device.hiddenSince).toBeUndefined();
    document.visibilityState = 'hidden';
    document.dispatchEvent(new Event('visibilitychange'));
    await time.advance(10);
    expect(environment.device.hiddenSince).toBe(20);
    document.pictureInPictureElement = {};
    document.dispatchEvent(new Event('enterpictureinpicture'));
    expect(environment.device.hiddenSince).toBeUndefined();
    expect(changes).toBe(3);
    end();
    expect(document.listening).toBe(0);
  });

  it('a battery, once the browser has given it, and what becomes of it', async () => {
    const battery = Object.assign(new Source(), { level: 0.5, charging: false });
    const environment = environmentOf({ navigator: { getBattery: async () => battery } });
    const heard: unknown[] = [];
    const end = environment.onChange(() => heard.push(environment.device.battery));
    await settle();
    battery.level = 0.1;
    battery.dispatchEvent(new Event('levelchange'));
    battery.charging = true;
    battery.dispatchEvent(new Event('chargingchange'));
    expect(heard).toEqual([
      { level: 0.5, charging: false },
      { level: 0.1, charging: false },
      { level: 0.1, charging: true },
    ]);
    end();
    expect(battery.listening).toBe(0);
    environment.onChange(() => {});
    expect(battery.listening).toBe(2);
  });

  it('no battery where the page may not ask', async () => {
    let asked = 0;
    const getBattery = async (): Promise<never> => {
      asked++;
      throw new DOMException('disabled by policy', 'NotAllowedError');
    };
    const environment = environmentOf({ navigator: { getBattery } });
    environment.onChange(() => {})();
    environment.onChange(() => {});
    await settle();
    expect(asked).toBe(1);
    expect(environment.device.battery).toBeUndefined();
  });
});
