import type { Unsubscribe } from '../components.js';

/** What a device tells of itself, as far as its browser does. */
export interface Device {
  readonly network: Network;
  /** A phone or tablet: what its browser keeps silent about may be a data plan. */
  readonly handheld: boolean;
  /** Undefined where the browser does not tell (all but Chromium's), or there is none. */
  readonly battery: Battery | undefined;
  /** Clock time since which nobody sees the page; undefined: it is seen. */
  readonly hiddenSince: number | undefined;
}

export interface Network {
  readonly kind: 'cellular' | 'other' | 'unknown';
  /** The browser takes it for 3G or worse, by round trips and throughput. */
  readonly slow: boolean;
  /** The viewer has asked the browser to use little data. */
  readonly saveData: boolean;
}

export interface Battery {
  /** 0 to 1. */
  readonly level: number;
  readonly charging: boolean;
}

/** The device, now and whenever it changes. `BrowserEnvironment` asks the browser, tests have their own. */
export interface Environment {
  readonly device: Device;
  /** Called after `device` has changed. */
  onChange(listener: () => void): Unsubscribe;
}

/** Where there is nothing to be considerate of: players on servers, simulations. */
export const QUIET_DEVICE: Device = {
  network: { kind: 'other', slow: false, saveData: false },
  handheld: false,
  battery: undefined,
  hiddenSince: undefined,
};

export const quietEnvironment: Environment = { device: QUIET_DEVICE, onChange: () => () => {} };
