import type Hls from 'hls.js';
import type { HlsConfig } from 'hls.js';
import type { EddyOptions, EddySession } from '../index.js';
import { type HlsClass, VideoJsPlayback } from './playback.js';
import type {
  VideoJs,
  VideoJsLibrary,
  VideoJsPlayer,
  VideoJsSource,
  VideoJsSourceHandler,
  VideoJsTech,
} from './video-js-api.js';

export type { HlsClass } from './playback.js';
export type { VideoJs, VideoJsPlayer } from './video-js-api.js';

/** How HLS sources in video.js share: the options of `attachEddy`, and one of its own. */
export interface VideoJsEddyOptions extends EddyOptions {
  /** Handed to each `new Hls()`: loaders, `xhrSetup`, CMCD. Default: `liveDurationInfinity`, which video.js needs. */
  readonly hlsConfig?: Partial<HlsConfig>;
}

const TYPES = /^(application|audio)\/(x-|vnd\.apple\.)?mpegurl$/i;
const EXTENSION = /\.m3u8(\?|#|$)/i;

/**
 * Has video.js 8 play HLS with hls.js and Eddy, in place of its own engine (VHS), for every player that gets its source
 * from now on. Where hls.js does not run (no Media Source Extensions: iPhones before iOS 17.1, many TVs) nothing is
 * registered, and video.js plays natively as before. Audio tracks appear in the menu of video.js; subtitles are drawn
 * by the browser, as hls.js has it.
 *
 * @param Hls hls.js 1.5 or newer.
 * @returns Ends it: sources that are set later are played by VHS again. What plays already plays on.
 * @throws EddyOptionsError at the first source, when an option is unknown or not what it should be.
 */
export function registerEddyInVideoJs(
  videojs: VideoJs,
  Hls: HlsClass,
  options: VideoJsEddyOptions = {},
): () => void {
  if (!Hls.isSupported()) return () => {};
  const { hlsConfig = {}, ...eddy } = options;
  // Its own types know nothing of source handlers.
  const library = videojs as VideoJsLibrary;
  const html5 = library.getTech('Html5');
  const handler: VideoJsSourceHandler = {
    name: 'eddy',
    canPlayType: (type) => (TYPES.test(type) ? 'probably' : ''),
    canHandleSource: ({ src, type = '' }: VideoJsSource) => {
      if (TYPES.test(type)) return 'probably';
      return type === '' && EXTENSION.test(src) ? 'maybe' : '';
    },
    handleSource: (source: VideoJsSource, tech: VideoJsTech) => {
      const playback = new VideoJsPlayback({ videojs: library, Hls, tech }, source, { hlsConfig, eddy });
      playing.set(tech, playback);
      return playback;
    },
  };
  html5.registerSourceHandler(handler, 0);
  return () => {
    const at = html5.sourceHandlers.indexOf(handler);
    if (at >= 0) html5.sourceHandlers.splice(at, 1);
  };
}

const playing = new WeakMap<object, VideoJsPlayback>();

/** What plays the present source of a video.js player. Undefined: something other than Eddy does. */
export function eddyOf(
  player: VideoJsPlayer,
): { readonly hls: Hls; readonly session: EddySession } | undefined {
  const tech = player.tech(true);
  return tech === undefined ? undefined : playing.get(tech);
}
