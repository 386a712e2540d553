import type { EddyOptions } from '@eddy/player-sdk';
import type { Contender } from '../report/report.js';

export interface SdkOffContender extends Contender {
  /** Undefined: the SDK is not called. */
  readonly sdk?: EddyOptions;
  /** Its script is loaded, called or not. */
  readonly loads: boolean;
}

const HLS = 'hls.js 1.7.4';
const EDDY = `this tree with ${HLS}`;

/** The page without it. */
export const PLAIN = 'plain';
/** The same page once more: what differs between these two is chance. */
export const PLAIN_AGAIN = 'plain-again';
/** With the SDK's script, which nothing calls: what that costs is no cost of anything it does. */
export const LOADED = 'loaded';

export const SDK_OFF_CONTENDERS: readonly SdkOffContender[] = [
  { name: PLAIN, family: 'hls.js', version: HLS, setting: 'without the SDK', loads: false },
  { name: PLAIN_AGAIN, family: 'hls.js', version: HLS, setting: 'the same page again: chance', loads: false },
  { name: LOADED, family: 'eddy', version: EDDY, setting: 'its script loaded, and not called', loads: true },
  {
    name: 'off',
    family: 'eddy',
    version: EDDY,
    setting: 'peers: false, beacons: false',
    loads: true,
    sdk: { peers: false, beacons: false },
  },
  {
    name: 'no-consent',
    family: 'eddy',
    version: EDDY,
    setting: "consent: 'required', not given",
    loads: true,
    sdk: { consent: 'required' },
  },
  {
    name: 'reporting',
    family: 'eddy',
    version: EDDY,
    setting: 'peers: false; still reports every ten seconds',
    loads: true,
    sdk: { peers: false },
  },
];
