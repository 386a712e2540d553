import type { EddyOptions } from '@eddy/player-sdk';
import type { Contender } from '../report/report.js';

export interface SdkOffContender extends Contender {
  /** Undefined: a page without the SDK. */
  readonly sdk?: EddyOptions;
}

const HLS = 'hls.js 1.7.4';
const EDDY = `this tree with ${HLS}`;

/** The page without it. */
export const PLAIN = 'plain';
/** The same page once more: what differs between these two is chance. */
export const PLAIN_AGAIN = 'plain-again';

export const SDK_OFF_CONTENDERS: readonly SdkOffContender[] = [
  { name: PLAIN, family: 'hls.js', version: HLS, setting: 'without the SDK' },
  { name: PLAIN_AGAIN, family: 'hls.js', version: HLS, setting: 'the same page again: chance' },
  {
    name: 'off',
    family: 'eddy',
    version: EDDY,
    setting: 'peers: false, beacons: false',
    sdk: { peers: false, beacons: false },
  },
  {
    name: 'no-consent',
    family: 'eddy',
    version: EDDY,
    setting: "consent: 'required', not given",
    sdk: { consent: 'required' },
  },
  {
    name: 'reporting',
    family: 'eddy',
    version: EDDY,
    setting: 'peers: false; still reports every ten seconds',
    sdk: { peers: false },
  },
];
