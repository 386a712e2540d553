import type { Fragment } from 'hls.js';
import type { Need } from '../transfer/segment.js';
import { type HlsPlayer, latestDetails } from './player.js';

/** `HTMLMediaElement.HAVE_FUTURE_DATA`: below it the picture stands still for want of data. */
const HAVE_FUTURE_DATA = 3;

/** hls.js nudges the playhead over shorter rests. */
const PLAYABLE_SECONDS = 0.5;

/** When the playhead reaches a fragment, as the buffer and the playback rate are now. */
export function needOf(
  player: Pick<HlsPlayer, 'media' | 'mainForwardBufferInfo' | 'audioForwardBufferInfo'>,
  fragment: Pick<Fragment, 'start' | 'type'>,
  now: number,
): Need {
  const { media } = player;
  const buffer = fragment.type === 'audio' ? player.audioForwardBufferInfo : player.mainForwardBufferInfo;
  // What is buffered and not decoded yet is about to play: the next segment is not what the picture waits for.
  const waits =
    media === null || (media.readyState < HAVE_FUTURE_DATA && (buffer?.len ?? 0) < PLAYABLE_SECONDS);
  if (waits) return { deadline: now, startUp: true };
  // A paused player may go on at any moment.
  const rate = Math.abs(media.playbackRate) || 1;
  // A live playlist places fragments by estimate until one of them is parsed: the buffer knows better.
  const aheadSeconds = Math.min(fragment.start - media.currentTime, buffer?.len ?? Number.POSITIVE_INFINITY);
  return { deadline: now + (Math.max(0, aheadSeconds) * 1000) / rate, startUp: false };
}

/** Where the playhead is, in words that mean the same to every viewer: see `Status` in the protocol. */
export function positionOf(
  player: Pick<HlsPlayer, 'media' | 'latestLevelDetails' | 'levels'>,
): number | undefined {
  const { media } = player;
  const details = latestDetails(player);
  if (media === null || details === null) return undefined;
  // Each player has a clock of its own for a live stream, but all see the same newest segment.
  return 1000 * (details.live ? details.edge - media.currentTime : media.currentTime);
}
