import { MAX_SEGMENT_BYTES } from '@eddy/protocol';
import { UPLOAD_OPTIONS, type UploadOption } from './manners/may-upload.js';
import type { GetToken } from './session/edge-access.js';

/** How a session is set up. Everything has a default. */
export interface EddyOptions {
  /**
   * Base URL of the edge that serves the media, for its rooms, digests and beacons: `https://video.example.com`.
   * Default: the origin of the playlist's URL, with the token of that URL (its segment `/~<jwt>/`, or `?token=`). Where
   * the edge is given and asks for tokens, one belongs in it: `https://video.example.com/~<jwt>/`.
   */
  readonly edge?: string;
  /**
   * A key of this viewer that stays the same over reloads, at most 64 characters. It decides which group of the
   * experiment the viewer is in, and is shown to no other viewer. Default: random, kept in `localStorage`.
   */
  readonly viewer?: string;
  /** Whether segments are exchanged with other viewers at all. Default true. */
  readonly peers?: boolean;
  /**
   * When other viewers' requests are answered, where the site allows it. `wifi`: not over cellular networks, nor slow
   * ones, nor from phones and tablets that do not tell what they are on; `on`: over any network; `off`: never. With all
   * of them not while the browser saves data, the battery is low, the page is out of sight for five minutes, or the
   * viewer does not wish it. Default `wifi`.
   */
  readonly upload?: UploadOption;
  /**
   * Most that is uploaded to all others together, bytes a second; the site may set less. Default 0: no cap of the
   * page's own.
   */
  readonly uploadBytesPerSecond?: number;
  /**
   * Most that is uploaded a day (of the viewer's calendar) by all players of the site on this device, in bytes; passed
   * by at most a second's upload. Kept in `localStorage`. 0: no cap. Default 5,000,000,000: what two to three hours in
   * HD bring down.
   */
  readonly uploadBytesPerDay?: number;
  /**
   * `required`: until `session.giveConsent()` is called nothing of Eddy's leaves the page and nothing is stored: no
   * socket, no WebRTC, no beacon, no viewer key; playback is plain hls.js. Default `not-needed`.
   */
  readonly consent?: ConsentOption;
  /**
   * Channels only through the site's TURN servers: viewers learn no addresses of each other. Where the site has none,
   * peers are off. Default false.
   */
  readonly relayOnly?: boolean;
  /**
   * Nothing is opened or asked for before the picture has begun to move: no socket, no WebRTC, no digests. Default
   * false: the room is joined once the first segment has been asked for, or a second after the playlist.
   */
  readonly waitForPlayback?: boolean;
  /**
   * Gives a token for the edge (a JWT) that is good from now on, or a promise of one: asked before the present one
   * ends, and when the edge refuses it. Default: none; when the token of `edge` ends, the session leaves the swarm.
   * The URLs that hls.js loads are the page's own affair.
   */
  readonly getToken?: GetToken;
  /** Most memory for segments that are kept for others, in bytes. Default 67,108,864 (64 MiB). */
  readonly memoryBytes?: number;
  /** Most channels to other viewers; the site may set less. Default 12. */
  readonly maxPeers?: number;
  /** Whether the edge is told every ten seconds what was played and where it came from. Default true. */
  readonly beacons?: boolean;
}

export const CONSENT_OPTIONS = ['not-needed', 'required'] as const;
export type ConsentOption = (typeof CONSENT_OPTIONS)[number];

export type OptionsErrorCode = 'bad-option' | 'unknown-option';

/** Thrown by `attachEddy` when an option is not what it should be. The message says which, and what it should be. */
export class EddyOptionsError extends Error {
  override readonly name = 'EddyOptionsError';
  readonly code: OptionsErrorCode;

  constructor(code: OptionsErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

export interface ResolvedOptions {
  readonly edge: string | undefined;
  readonly viewer: string | undefined;
  readonly peers: boolean;
  readonly upload: UploadOption;
  readonly uploadBytesPerSecond: number;
  readonly uploadBytesPerDay: number;
  readonly consent: ConsentOption;
  readonly relayOnly: boolean;
  readonly waitForPlayback: boolean;
  readonly getToken: GetToken | undefined;
  readonly memoryBytes: number;
  readonly maxPeers: number;
  readonly beacons: boolean;
}

const DEFAULTS: ResolvedOptions = {
  edge: undefined,
  viewer: undefined,
  peers: true,
  upload: 'wifi',
  uploadBytesPerSecond: 0,
  uploadBytesPerDay: 5_000_000_000,
  consent: 'not-needed',
  relayOnly: false,
  waitForPlayback: false,
  getToken: undefined,
  memoryBytes: MAX_SEGMENT_BYTES,
  maxPeers: 12,
  beacons: true,
};

const FLAGS = ['peers', 'beacons', 'relayOnly', 'waitForPlayback'] as const;
const NUMBERS = ['memoryBytes', 'uploadBytesPerSecond', 'uploadBytesPerDay', 'maxPeers'] as const;
const MAX_VIEWER_LENGTH = 64;

/** @throws EddyOptionsError */
export function resolveOptions(options: EddyOptions): ResolvedOptions {
  for (const key of Object.keys(options)) {
    if (!(key in DEFAULTS)) {
      throw new EddyOptionsError('unknown-option', `there is no option "${key}"; there are ${names()}`);
    }
  }
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  const resolved: ResolvedOptions = { ...DEFAULTS, ...given };
  const { edge, viewer, getToken } = resolved;
  if (edge !== undefined && !isWebUrl(edge)) {
    throw bad('edge', 'an http(s) URL such as "https://video.example.com"', edge);
  }
  if (
    viewer !== undefined &&
    !(typeof viewer === 'string' && viewer !== '' && viewer.length <= MAX_VIEWER_LENGTH)
  ) {
    throw bad('viewer', `text of 1 to ${MAX_VIEWER_LENGTH} characters`, viewer);
  }
  for (const flag of FLAGS) {
    if (typeof resolved[flag] !== 'boolean') throw bad(flag, 'true or false', resolved[flag]);
  }
  for (const number of NUMBERS) {
    const value = resolved[number];
    if (!Number.isSafeInteger(value) || value < 0) throw bad(number, 'a whole number', value);
  }
  oneOf(resolved, 'upload', UPLOAD_OPTIONS);
  oneOf(resolved, 'consent', CONSENT_OPTIONS);
  if (getToken !== undefined && typeof getToken !== 'function') throw bad('getToken', 'a function', getToken);
  return resolved;
}

function oneOf<Name extends 'upload' | 'consent'>(
  resolved: ResolvedOptions,
  name: Name,
  words: readonly ResolvedOptions[Name][],
): void {
  const quoted = words.map((word) => `"${word}"`).join(' or ');
  if (!words.includes(resolved[name])) throw bad(name, quoted, resolved[name]);
}

function isWebUrl(url: unknown): boolean {
  try {
    return typeof url === 'string' && /^https?:$/.test(new URL(url).protocol);
  } catch {
    return false;
  }
}

function bad(option: keyof EddyOptions, wanted: string, value: unknown): EddyOptionsError {
  return new EddyOptionsError(
    'bad-option',
    `option "${option}" must be ${wanted}, it is ${JSON.stringify(value)}`,
  );
}

function names(): string {
  return Object.keys(DEFAULTS).join(', ');
}
