import type Hls from 'hls.js';
import type { ErrorData, HlsConfig } from 'hls.js';
import { attachEddy, type EddyOptions, type EddySession } from '../index.js';
import type { VideoJsLibrary, VideoJsSource, VideoJsTech } from './video-js-api.js';

/** The class of hls.js, of any version from 1.5 on. */
export type HlsClass = typeof Hls;

export interface PlaybackOptions {
  /** Handed to hls.js. */
  readonly hlsConfig: Partial<HlsConfig>;
  readonly eddy: EddyOptions;
}

/** `MediaError` codes, which video.js shows words for. */
const NETWORK = 2;
const DECODE = 3;
/** A second decode error this soon after the first is not recovered from. */
const RECOVERY_MS = 5_000;

/** One source in one video.js player. */
export class VideoJsPlayback {
  readonly hls: Hls;
  readonly session: EddySession;
  readonly #videojs: VideoJsLibrary;
  readonly #tech: VideoJsTech;
  #recoveredAt = Number.NEGATIVE_INFINITY;

  constructor(
    {
      videojs,
      Hls,
      tech,
    }: { readonly videojs: VideoJsLibrary; readonly Hls: HlsClass; readonly tech: VideoJsTech },
    source: VideoJsSource,
    { hlsConfig, eddy }: PlaybackOptions,
  ) {
    this.#videojs = videojs;
    this.#tech = tech;
    const waits = tech.preload() === 'none';
    // video.js knows a live stream by its endless duration.
    const hls = new Hls({
      liveDurationInfinity: true,
      ...hlsConfig,
      ...(waits ? { autoStartLoad: false } : {}),
    });
    this.hls = hls;
    this.session = attachEddy(hls, eddy);
    hls.on(Hls.Events.ERROR, (_event, data) => this.#onError(data));
    hls.on(Hls.Events.AUDIO_TRACKS_UPDATED, () => this.#showAudioTracks());
    if (waits) tech.one('play', this.#start);
    hls.loadSource(source.src);
    hls.attachMedia(tech.el());
  }

  /** video.js calls it when the source changes and when the player goes. */
  dispose(): void {
    this.#tech.off('play', this.#start);
    this.#tech.audioTracks().removeEventListener('change', this.#onAudioTrack);
    this.hls.destroy();
  }

  readonly #start = (): void => this.hls.startLoad();

  #onError({ fatal, type, details }: ErrorData): void {
    if (!fatal) return;
    const now = performance.now();
    if (type === 'mediaError' && now - this.#recoveredAt > RECOVERY_MS) {
      this.#recoveredAt = now;
      this.hls.recoverMediaError();
      return;
    }
    this.#tech.error({ code: type === 'networkError' ? NETWORK : DECODE, message: `HLS: ${details}` });
    this.#tech.trigger('error');
  }

  #showAudioTracks(): void {
    const { audioTracks, audioTrack } = this.hls;
    const shown = this.#tech.audioTracks();
    if (audioTracks.length < 2 || shown.length > 0) return;
    for (const { id, name, lang = '', default: isDefault } of audioTracks) {
      const kind = isDefault ? 'main' : 'alternative';
      const options = { id: String(id), kind, label: name, language: lang, enabled: id === audioTrack };
      shown.addTrack(new this.#videojs.AudioTrack(options));
    }
    shown.addEventListener('change', this.#onAudioTrack);
  }

  readonly #onAudioTrack = (): void => {
    const shown = this.#tech.audioTracks();
    for (let index = 0; index < shown.length; index++) {
      const track = shown[index];
      if (track?.enabled === true) this.hls.audioTrack = Number(track.id);
    }
  };
}
