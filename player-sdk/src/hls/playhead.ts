import type { Fragment } from 'hls.js';
import type { Need } from '../transfer/segment.js';
import type { HlsPlayer } from './player.js';

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
