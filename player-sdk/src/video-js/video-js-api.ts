/** As much of video.js 8 as Eddy touches, so that it is neither a dependency nor in the bundle. */

/** The function `videojs` with what hangs on it; {@link VideoJsLibrary} is what is used. */
export interface VideoJs {
  getTech(name: string): unknown;
}

export interface VideoJsLibrary extends VideoJs {
  getTech(name: string): VideoJsHtml5;
  readonly AudioTrack: new (options: {
    readonly id: string;
    readonly kind: string;
    readonly label: string;
    readonly language: string;
    readonly enabled: boolean;
  }) => VideoJsAudioTrack;
}

/** A player, or what `player.tech(true)` gives of one. */
export interface VideoJsPlayer {
  tech(safety?: unknown): object | undefined;
}

export interface VideoJsSource {
  readonly src: string;
  readonly type?: string;
}

export interface VideoJsAudioTrack {
  readonly id: string;
  enabled: boolean;
}

export interface VideoJsAudioTracks {
  readonly length: number;
  readonly [index: number]: VideoJsAudioTrack;
  addTrack(track: VideoJsAudioTrack): void;
  addEventListener(type: string, listener: () => void): void;
  removeEventListener(type: string, listener: () => void): void;
}

/** The Html5 tech that plays a source. */
export interface VideoJsTech {
  el(): HTMLVideoElement;
  preload(): string;
  audioTracks(): VideoJsAudioTracks;
  error(error: { readonly code: number; readonly message: string }): void;
  trigger(event: string): void;
  one(event: string, listener: () => void): void;
  off(event: string, listener: () => void): void;
}

export interface VideoJsSourceHandler {
  readonly name: string;
  canPlayType(type: string): '' | 'maybe' | 'probably';
  canHandleSource(source: VideoJsSource): '' | 'maybe' | 'probably';
  handleSource(source: VideoJsSource, tech: VideoJsTech): { dispose(): void };
}

/** What the Html5 tech has of its own. */
export interface VideoJsHtml5 {
  registerSourceHandler(handler: VideoJsSourceHandler, index?: number): void;
  readonly sourceHandlers: VideoJsSourceHandler[];
}
