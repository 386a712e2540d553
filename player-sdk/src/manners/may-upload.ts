import type { Arm, SwarmMode } from '@eddy/protocol';
import type { Device } from './environment.js';

/**
 * `off`: never. `wifi`: not over a network that is, or may well be, a data plan: cellular, slow, or a phone's that does
 * not tell. `on`: over any network.
 */
export const UPLOAD_OPTIONS = ['off', 'wifi', 'on'] as const;
export type UploadOption = (typeof UPLOAD_OPTIONS)[number];

/** Everything that bears on whether this player may answer other viewers' requests. */
export interface UploadSnapshot {
  readonly option: UploadOption;
  /** Peers are off on this page, for whatever reason. */
  readonly peersOff: boolean;
  /** Needed and not given: false. */
  readonly consented: boolean;
  /** The viewer's own wish. */
  readonly viewerShares: boolean;
  /** The site's word; undefined before the edge has been heard. */
  readonly site: { readonly mode: SwarmMode; readonly arm: Arm } | undefined;
  readonly device: Device;
  /** Uploaded on this device today, by all its players of this site. */
  readonly uploadedTodayBytes: number;
  /** 0: no cap. */
  readonly uploadBytesPerDay: number;
}

/** At most this much charge and no charger: the battery is the viewer's. */
export const LOW_BATTERY_LEVEL = 0.2;
/** Out of sight for this long, and it was probably forgotten, not just covered for a moment. */
export const LONG_HIDDEN_MS = 300_000;

/** Why nothing is uploaded. */
export type NoUploadReason =
  /** See `state`. */
  | 'peers are off'
  /** By the option `upload: 'off'`. */
  | 'turned off here'
  /** The option `consent: 'required'`, and `giveConsent()` was not called; or consent was taken back. */
  | 'no consent'
  /** `setSharing(false)`, or the switch in the overlay. */
  | 'turned off by the viewer'
  /** The site's word is not known yet. */
  | 'not joined yet'
  /** The viewer is in the group without peers. */
  | 'holdout'
  /** The site lets nobody upload, or has switched everything off. */
  | 'turned off by the edge'
  /** The viewer asked the browser to save data. */
  | 'data saver'
  | 'cellular'
  /** A phone or tablet whose browser does not tell what network it is on. */
  | 'unknown network'
  /** The browser takes it for 3G or worse. */
  | 'slow network'
  /** 20% or less, and no charger. */
  | 'low battery'
  /** Nobody has seen the page for five minutes. */
  | 'hidden'
  /** `uploadBytesPerDay` has been sent today. */
  | 'daily cap';

export type Uploading = 'on' | `off: ${NoUploadReason}`;

type Rule = (snapshot: UploadSnapshot, now: number) => boolean;

/** The first one that applies is told: what is settled for good before what may pass. */
const RULES: Readonly<Record<NoUploadReason, Rule>> = {
  'peers are off': ({ peersOff }) => peersOff,
  'turned off here': ({ option }) => option === 'off',
  'no consent': ({ consented }) => !consented,
  'turned off by the viewer': ({ viewerShares }) => !viewerShares,
  'not joined yet': ({ site }) => site === undefined,
  holdout: ({ site }) => site?.arm === 'holdout',
  'turned off by the edge': ({ site }) => site?.mode !== 'on',
  'data saver': ({ device }) => device.network.saveData,
  cellular: ({ option, device }) => option === 'wifi' && device.network.kind === 'cellular',
  'unknown network': ({ option, device }) =>
    option === 'wifi' && device.handheld && device.network.kind === 'unknown',
  'slow network': ({ option, device }) => option === 'wifi' && device.network.slow,
  'low battery': ({ device: { battery } }) =>
    battery !== undefined && !battery.charging && battery.level <= LOW_BATTERY_LEVEL,
  hidden: ({ device: { hiddenSince } }, now) =>
    hiddenSince !== undefined && now - hiddenSince >= LONG_HIDDEN_MS,
  'daily cap': ({ uploadBytesPerDay, uploadedTodayBytes }) =>
    uploadBytesPerDay > 0 && uploadedTodayBytes >= uploadBytesPerDay,
};

/** Keys keep their order. */
const REASONS = Object.keys(RULES) as readonly NoUploadReason[];

/** May this player answer other viewers' requests now? A pure function; `now` is clock time. */
export function mayUpload(snapshot: UploadSnapshot, now: number): Uploading {
  const reason = REASONS.find((name) => RULES[name](snapshot, now));
  return reason === undefined ? 'on' : `off: ${reason}`;
}

/** Clock time at which the answer may be another one although nothing has changed; undefined: never. */
export function nextLookAt({ hiddenSince }: Device, now: number): number | undefined {
  if (hiddenSince === undefined || now - hiddenSince >= LONG_HIDDEN_MS) return undefined;
  return hiddenSince + LONG_HIDDEN_MS;
}
