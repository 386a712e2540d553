import type { Clock, Unsubscribe } from '../components.js';
import type { Battery, Device, Environment, Network } from './environment.js';

/** `navigator.connection` (Network Information API): Chromium's; `type` only on phones, tablets and ChromeOS. */
interface NetworkInformation extends EventTarget {
  readonly type?: string;
  readonly effectiveType?: string;
  readonly saveData?: boolean;
}

/** Battery Status API: Chromium's. */
interface BatteryManager extends EventTarget {
  readonly level: number;
  readonly charging: boolean;
}

/** As much of a page's globals as is asked. All may be missing. */
export interface BrowserPage {
  readonly navigator?: {
    readonly connection?: NetworkInformation;
    readonly userAgent?: string;
    readonly userAgentData?: { readonly mobile?: boolean };
    readonly maxTouchPoints?: number;
    getBattery?(): Promise<BatteryManager>;
  };
  readonly document?: EventTarget & {
    readonly visibilityState?: string;
    readonly pictureInPictureElement?: object | null;
  };
}

export interface BrowserEnvironmentComponents {
  readonly clock: Clock;
  readonly page: BrowserPage;
}

const CELLULAR = ['cellular', 'wimax'];
const SLOW = ['slow-2g', '2g', '3g'];
/** That `type` says nothing of the network. */
const SAYS_NOTHING = ['unknown', 'none', 'mixed', 'other'];
const VISIBILITY_EVENTS = ['visibilitychange', 'enterpictureinpicture', 'leavepictureinpicture'];
const BATTERY_EVENTS = ['levelchange', 'chargingchange'];

/** What the browser tells of its device. Listens to it only while somebody listens here. */
export class BrowserEnvironment implements Environment {
  readonly #clock: Clock;
  readonly #page: BrowserPage;
  readonly #listeners = new Set<() => void>();
  #battery: BatteryManager | undefined;
  #batteryAsked = false;
  #hiddenSince: number | undefined;

  constructor({ clock, page }: BrowserEnvironmentComponents) {
    this.#clock = clock;
    this.#page = page;
    this.#look();
  }

  get device(): Device {
    this.#look();
    return {
      network: networkOf(this.#page.navigator?.connection),
      handheld: isHandheld(this.#page.navigator),
      battery: batteryOf(this.#battery),
      hiddenSince: this.#hiddenSince,
    };
  }

  onChange(listener: () => void): Unsubscribe {
    if (this.#listeners.size === 0) this.#listen();
    this.#listeners.add(listener);
    return () => {
      if (this.#listeners.delete(listener) && this.#listeners.size === 0) this.#unlisten();
    };
  }

  #listen(): void {
    const { navigator, document } = this.#page;
    navigator?.connection?.addEventListener('change', this.#onChange);
    for (const name of VISIBILITY_EVENTS) document?.addEventListener(name, this.#onChange);
    for (const name of BATTERY_EVENTS) this.#battery?.addEventListener(name, this.#onChange);
    if (!this.#batteryAsked) void this.#askForBattery();
  }

  #unlisten(): void {
    const { navigator, document } = this.#page;
    navigator?.connection?.removeEventListener('change', this.#onChange);
    for (const name of VISIBILITY_EVENTS) document?.removeEventListener(name, this.#onChange);
    for (const name of BATTERY_EVENTS) this.#battery?.removeEventListener(name, this.#onChange);
  }

  async #askForBattery(): Promise<void> {
    this.#batteryAsked = true;
    try {
      // Refused on plain-http pages and by the permissions policy `battery=()`.
      this.#battery = await this.#page.navigator?.getBattery?.();
    } catch {
      return;
    }
    if (this.#battery === undefined || this.#listeners.size === 0) return;
    for (const name of BATTERY_EVENTS) this.#battery.addEventListener(name, this.#onChange);
    this.#onChange();
  }

  /** A video in a window of its own is seen although its page is not. */
  #look(): void {
    const { document } = this.#page;
    const hidden = document?.visibilityState === 'hidden' && !document.pictureInPictureElement;
    if (!hidden) this.#hiddenSince = undefined;
    else this.#hiddenSince ??= this.#clock.now();
  }

  readonly #onChange = (): void => {
    for (const listener of [...this.#listeners]) listener();
  };
}

function networkOf(connection: NetworkInformation | undefined): Network {
  const { type, effectiveType = '', saveData = false } = connection ?? {};
  const told = type !== undefined && !SAYS_NOTHING.includes(type);
  return {
    kind: told ? (CELLULAR.includes(type) ? 'cellular' : 'other') : 'unknown',
    slow: SLOW.includes(effectiveType),
    saveData: saveData === true,
  };
}

function batteryOf(battery: BatteryManager | undefined): Battery | undefined {
  return battery && { level: battery.level, charging: battery.charging };
}

/** Tablets of one make say that they are desktops; no desktop of that make can be touched. */
function isHandheld(navigator: BrowserPage['navigator']): boolean {
  const { userAgent = '', userAgentData, maxTouchPoints = 0 } = navigator ?? {};
  if (userAgentData?.mobile === true || /Android|iPhone|iPad|iPod|Mobile/.test(userAgent)) return true;
  return /Macintosh/.test(userAgent) && maxTouchPoints > 1;
}
