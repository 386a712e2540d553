import type Hls from 'hls.js';
import type { Fragment, HlsConfig } from 'hls.js';

/** As much of an `Hls` instance as Eddy touches. Any instance of hls.js 1.5 or later is one. */
export interface HlsPlayer
  extends Pick<Hls, 'url' | 'media' | 'bandwidthEstimate' | 'latestLevelDetails' | 'mainForwardBufferInfo'> {
  readonly config: Pick<HlsConfig, 'fLoader' | 'loader'> & Partial<Pick<HlsConfig, 'cmcd'>>;
  /** Index of the level that is played; -1: none yet. */
  readonly currentLevel?: number;
  readonly levels: readonly Rendition[];
  readonly audioTracks: readonly Rendition[];
  readonly audioForwardBufferInfo?: { readonly len: number } | null;
  on(event: string, listener: PlayerListener): void;
  off(event: string, listener: PlayerListener): void;
}

interface Rendition {
  readonly details?: {
    readonly live: boolean;
    readonly startSN: number;
    readonly fragments: readonly Fragment[];
  };
  /** Bits a second. */
  readonly bitrate?: number;
}

// What an event carries depends on its name, which hls.js keeps in an enum: importing it would import hls.js.
export type PlayerListener = (event: string, data: object) => void;

/** Names of hls.js events, as its documentation gives them. */
export const PLAYER_EVENTS = {
  manifestLoading: 'hlsManifestLoading',
  levelUpdated: 'hlsLevelUpdated',
  audioTrackUpdated: 'hlsAudioTrackUpdated',
  mediaAttached: 'hlsMediaAttached',
  mediaDetaching: 'hlsMediaDetaching',
  destroying: 'hlsDestroying',
  error: 'hlsError',
} as const;
