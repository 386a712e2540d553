import type { EddySession } from '@eddy/player-sdk';

/** One player with Eddy, as the suite sees it: the same for every integration. Runs in the page. */
export interface Viewer {
  readonly session: EddySession;
  readonly video: HTMLVideoElement;
  /** Heights of the renditions that can be chosen. */
  heights(): number[];
  /** Plays the rendition of that height from now on. */
  choose(height: number): void;
  /** Ends the player, as a page would; may be called again. */
  destroy(): Promise<void>;
}

declare global {
  interface Window {
    conformance?: Viewer;
    /** How often each of the page's own settings was used, where it has some. */
    ownSettings?: Readonly<Record<'loader' | 'fLoader' | 'xhrSetup' | 'managedMediaSources', number>>;
  }
}
