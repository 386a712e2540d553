import type Hls from 'hls.js';
import type { Fragment, HlsConfig } from 'hls.js';

/** As much of an `Hls` instance as Eddy touches. Any instance of hls.js 1.5 or later is one. */
export interface HlsPlayer
  extends Pick<Hls, 'url' | 'media' | 'bandwidthEstimate' | 'mainForwardBufferInfo'> {
  /** From 1.6 on. */
  readonly latestLevelDetails?: PlaylistDetails | null;
  readonly config: Pick<HlsConfig, 'fLoader' | 'loader'> & Partial<Pick<HlsConfig, 'cmcd'>>;
  /** From 1.6 on; null before a steering manifest has come. Set, it is acted on at once. */
  pathwayPriority?: string[] | null;
  /** Index of the level that is played; -1: none yet. */
  readonly currentLevel?: number;
  readonly levels: readonly Rendition[];
  readonly audioTracks: readonly Rendition[];
  readonly audioForwardBufferInfo?: { readonly len: number } | null;
  on(event: string, listener: PlayerListener): void;
  off(event: string, listener: PlayerListener): void;
}

/** As much of what a media playlist says as is read without its segments. */
export interface PlaylistDetails {
  readonly live: boolean;
  /** Where its newest segment ends, in seconds. */
  readonly edge: number;
}

interface Rendition {
  readonly details?: PlaylistDetails & {
    readonly startSN: number;
    readonly fragments: readonly Fragment[];
  };
  /** Bits a second. */
  readonly bitrate?: number;
  /** Of its playlist, absolute. */
  readonly uri?: string;
}

// What an event carries depends on its name, which hls.js keeps in an enum: importing it would import hls.js.
export type PlayerListener = (event: string, data: object) => void;

/** Names of hls.js events, as its documentation gives them. */
export const PLAYER_EVENTS = {
  manifestLoading: 'hlsManifestLoading',
  manifestParsed: 'hlsManifestParsed',
  levelsUpdated: 'hlsLevelsUpdated',
  steeringLoaded: 'hlsSteeringManifestLoaded',
  levelLoading: 'hlsLevelLoading',
  levelLoaded: 'hlsLevelLoaded',
  levelUpdated: 'hlsLevelUpdated',
  fragBuffered: 'hlsFragBuffered',
  audioTrackUpdated: 'hlsAudioTrackUpdated',
  mediaAttached: 'hlsMediaAttached',
  mediaDetaching: 'hlsMediaDetaching',
  destroying: 'hlsDestroying',
  error: 'hlsError',
} as const;

/**
 * What the newest playlist says; null before there is one. hls.js 1.5 has no word for it: there it is the one that
 * reaches furthest, since all renditions have one timeline.
 */
export function latestDetails(
  player: Pick<HlsPlayer, 'latestLevelDetails' | 'levels'>,
): PlaylistDetails | null {
  if (player.latestLevelDetails !== undefined) return player.latestLevelDetails;
  let latest: PlaylistDetails | null = null;
  for (const { details } of player.levels) {
    if (details !== undefined && details.edge > (latest?.edge ?? Number.NEGATIVE_INFINITY)) latest = details;
  }
  return latest;
}
