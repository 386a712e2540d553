import type { NoUploadReason } from '../manners/may-upload.js';
import type { OffReason, SessionStats } from '../session/stats.js';

/** What the overlay reads of a session. */
export type OverlayStats = Pick<
  SessionStats,
  'state' | 'detail' | 'peers' | 'edgeBytes' | 'peerBytes' | 'uploadedBytes' | 'uploading' | 'viewerShares'
>;

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'] as const;

/** Decimal units, at most three digits: 12.3 MB. */
export function bytesInWords(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  const digits = unit === 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
  return `${value.toFixed(digits)} ${UNITS[unit]}`;
}

/** Share of the media bytes that came from other viewers, 0 to 1; undefined before the first byte. */
export function offloadOf({ edgeBytes, peerBytes }: OverlayStats): number | undefined {
  const all = edgeBytes + peerBytes;
  return all === 0 ? undefined : peerBytes / all;
}

export function percentInWords(share: number | undefined): string {
  return share === undefined ? '–' : `${Math.round(share * 100)}%`;
}

/** What an off switch means to a viewer. */
const OFF_WORDS: Readonly<Record<OffReason, string>> = {
  'insecure page': 'this page does not use https',
  'no WebRTC': 'this browser has no WebRTC',
  'turned off here': 'switched off on this page',
  'turned off by the edge': 'switched off by the site',
  'turned off by the viewer': 'switched off by you',
  'no consent': 'you have not agreed to it',
  'no relay': 'the site has no relay for it',
  holdout: 'this viewer is in the comparison group',
  'refused by the edge': 'the server does not take part',
  'no edge': 'the stream is not on a web server',
};

/** What the session is doing, as one would say it to a viewer. */
export function stateInWords({ state, peers }: OverlayStats): string {
  switch (state) {
    case 'sharing':
      return peers === 1 ? 'Sharing with 1 viewer' : `Sharing with ${peers} viewers`;
    case 'idle':
      return 'Waiting for a stream';
    case 'waiting':
      return 'Waiting for the picture';
    case 'connecting':
      return 'Looking for viewers nearby';
    case 'alone':
      return 'No other viewer here yet';
    case 'away':
      return 'Meeting place out of reach, trying again';
    case 'destroyed':
      return 'Stopped';
    default:
      return `Sharing is off: ${offInWords(state)}`;
  }
}

/** The state's family, for a colour. */
export function stateFamily(state: OverlayStats['state']): 'sharing' | 'waiting' | 'off' {
  if (state === 'sharing') return 'sharing';
  return state === 'connecting' || state === 'alone' || state === 'away' ? 'waiting' : 'off';
}

/** What a viewer would want to know of why nothing is sent: what `state` says already is not said again. */
const NO_UPLOAD_WORDS: Partial<Readonly<Record<NoUploadReason, string>>> = {
  'turned off here': 'Sends nothing: not on this page',
  'turned off by the edge': 'Sends nothing: not on this site now',
  'data saver': 'Sends nothing: your browser saves data',
  cellular: 'Sends nothing: you are on a mobile network',
  'unknown network': 'Sends nothing: this may be a mobile network',
  'slow network': 'Sends nothing: your connection is slow',
  'low battery': 'Sends nothing: the battery is low',
  hidden: 'Sends nothing: the page was out of sight',
  'daily cap': 'Sends nothing more today: enough was sent',
};

/** Why nothing is sent to others although the viewer shares; empty when there is nothing to say. */
export function uploadingInWords({ state, uploading }: OverlayStats): string {
  if (state.startsWith('off: ')) return '';
  for (const [reason, words] of Object.entries(NO_UPLOAD_WORDS)) {
    if (uploading === `off: ${reason}`) return words;
  }
  return '';
}

/** Whether the switch decides anything: not where something else has settled it. */
export function isForTheViewerToSay({ state }: OverlayStats): boolean {
  return !state.startsWith('off: ') || state === 'off: turned off by the viewer';
}

function offInWords(state: `off: ${OffReason}`): string {
  for (const [reason, words] of Object.entries(OFF_WORDS)) if (state === `off: ${reason}`) return words;
  return state;
}
