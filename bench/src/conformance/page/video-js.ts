import type { eddyOf, registerEddyInVideoJs, VideoJs, VideoJsPlayer } from '@eddy/player-sdk/video.js';
import type HlsClass from 'hls.js';
import { choosing, watchErrors } from './hls-js.js';
import type { Viewer } from './viewer.js';

interface Player extends VideoJsPlayer {
  src(source: { readonly src: string; readonly type: string }): void;
  on(event: string, listener: () => void): void;
  error(): { readonly message: string } | null;
  dispose(): void;
  isDisposed(): boolean;
}

declare const Hls: typeof HlsClass;
declare const videojs: VideoJs & ((video: HTMLVideoElement, options: object) => Player);
declare const EddyVideoJs: {
  readonly registerEddyInVideoJs: typeof registerEddyInVideoJs;
  readonly eddyOf: typeof eddyOf;
};

export async function startVideoJs(video: HTMLVideoElement, src: string): Promise<Viewer> {
  EddyVideoJs.registerEddyInVideoJs(videojs, Hls);
  const player = videojs(video, { muted: true, autoplay: 'muted', controls: true });
  player.on('error', () => window.problems.push(`video.js ${player.error()?.message}`));
  // Middleware may take its time over a source: nothing plays it at once.
  const started = new Promise<void>((resolve) => player.on('loadstart', resolve));
  player.src({ src, type: 'application/x-mpegURL' });
  await started;
  const playing = EddyVideoJs.eddyOf(player);
  if (playing === undefined) throw new Error('video.js plays this with something else');
  watchErrors(playing.hls);
  return {
    ...{ session: playing.session, video, ...choosing(playing.hls) },
    destroy: async () => {
      if (!player.isDisposed()) player.dispose();
    },
  };
}
