import type { attachEddyToShaka, ShakaNamespace, ShakaPlayer } from '@eddy/player-sdk/shaka';
import type { Viewer } from './viewer.js';

interface Track {
  readonly height: number | null;
}

/** What the suite asks of Shaka beyond what the integration does. */
interface Player extends ShakaPlayer {
  attach(video: HTMLVideoElement): Promise<void>;
  load(src: string): Promise<void>;
  configure(setting: string, value: unknown): boolean;
  getVariantTracks(): Track[];
  selectVariantTrack(track: Track, clearBuffer: boolean): void;
}

declare const shaka: ShakaNamespace & {
  readonly Player: new () => Player;
  readonly polyfill: { installAll(): void };
};
declare const EddyShaka: { readonly attachEddyToShaka: typeof attachEddyToShaka };

export function startShaka(video: HTMLVideoElement, src: string): Viewer {
  shaka.polyfill.installAll();
  const player = new shaka.Player();
  const session = EddyShaka.attachEddyToShaka(player, shaka);
  player.addEventListener('error', (event) =>
    window.problems.push(`shaka ${JSON.stringify('detail' in event ? event.detail : '')}`),
  );
  const failed = (error: unknown): void => {
    window.problems.push(`shaka ${JSON.stringify(error)}`);
  };
  player
    .attach(video)
    .then(() => player.load(src))
    .catch(failed);
  return {
    ...{ session, video },
    heights: () => player.getVariantTracks().map(({ height }) => height ?? 0),
    choose: (height) => {
      const track = player.getVariantTracks().find((candidate) => candidate.height === height);
      if (track === undefined) throw new Error(`no rendition of height ${height}`);
      player.configure('abr.enabled', false);
      player.selectVariantTrack(track, true);
    },
    destroy: async () => {
      await player.destroy();
    },
  };
}
