import { MAX_SEGMENT_BYTES } from '@eddy/protocol';
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
  /** Whether other viewers' requests are answered, where the site allows it. Default true. */
  readonly upload?: boolean;
  /**
   * Most that is uploaded to all others together, bytes a second; the site may set less. Default 0: no cap of the
   * page's own.
   */
  readonly uploadBytesPerSecond?: number;
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
  readonly upload: boolean;
  readonly uploadBytesPerSecond: number;
  readonly getToken: GetToken | undefined;
  readonly memoryBytes: number;
  readonly maxPeers: number;
  readonly beacons: boolean;
}

const DEFAULTS: ResolvedOptions = {
  edge: undefined,
  viewer: undefined,
  peers: true,
  upload: true,
  uploadBytesPerSecond: 0,
  getToken: undefined,
  memoryBytes: MAX_SEGMENT_BYTES,
  maxPeers: 12,
  beacons: true,
};

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
  const { edge, viewer, memoryBytes, maxPeers, uploadBytesPerSecond, getToken } = resolved;
  if (edge !== undefined && !isWebUrl(edge)) {
    throw bad('edge', 'an http(s) URL such as "https://video.example.com"', edge);
  }
  if (
    viewer !== undefined &&
    !(typeof viewer === 'string' && viewer !== '' && viewer.length <= MAX_VIEWER_LENGTH)
  ) {
    throw bad('viewer', `text of 1 to ${MAX_VIEWER_LENGTH} characters`, viewer);
  }
  for (const flag of ['peers', 'upload', 'beacons'] as const) {
    if (typeof resolved[flag] !== 'boolean') throw bad(flag, 'true or false', resolved[flag]);
  }
  if (!Number.isSafeInteger(memoryBytes) || memoryBytes < 0)
    throw bad('memoryBytes', 'a whole number', memoryBytes);
  if (!Number.isSafeInteger(uploadBytesPerSecond) || uploadBytesPerSecond < 0)
    throw bad('uploadBytesPerSecond', 'a whole number', uploadBytesPerSecond);
  if (getToken !== undefined && typeof getToken !== 'function') throw bad('getToken', 'a function', getToken);
  if (!Number.isSafeInteger(maxPeers) || maxPeers < 0) throw bad('maxPeers', 'a whole number', maxPeers);
  return resolved;
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
