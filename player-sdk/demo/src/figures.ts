import type { EddySession } from '@eddy/player-sdk';
import type Hls from 'hls.js';
import {
  bytesInWords,
  offloadOf,
  percentInWords,
  stateFamily,
  stateInWords,
} from '../../src/overlay/wording.js';
import { element, say } from './page.js';

/** The panel beside the video. */
export function showFigures(hls: Hls, session: EddySession, video: HTMLVideoElement): void {
  const stats = session.stats();
  const offload = offloadOf(stats);
  say('state', stateInWords(stats));
  element('dot').dataset.state = stateFamily(stats.state);
  say('offload', percentInWords(offload));
  const [peerPart, edgePart] = element('share').children;
  if (peerPart instanceof HTMLElement) peerPart.style.width = `${(offload ?? 0) * 100}%`;
  if (edgePart instanceof HTMLElement)
    edgePart.style.width = offload === undefined ? '0' : `${(1 - offload) * 100}%`;
  say('from-peers', bytesInWords(stats.peerBytes));
  say('from-edge', bytesInWords(stats.edgeBytes));
  say('passed-on', bytesInWords(stats.uploadedBytes));
  say('peers', String(stats.peers));
  say('rebuffers', String(stats.rebuffers));
  say('picture', pictureInWords(hls, video));
  say('buffer', `${bufferAhead(video).toFixed(1)} s`);
  const live = hls.latestLevelDetails?.live === true;
  element('latency-row').hidden = !live;
  if (live) say('latency', `${Math.max(0, hls.latency).toFixed(1)} s`);
}

function pictureInWords(hls: Hls, video: HTMLVideoElement): string {
  const level = hls.levels[hls.currentLevel];
  if (video.videoWidth === 0 || level === undefined) return '–';
  return `${video.videoWidth}×${video.videoHeight}, ${(level.bitrate / 1e6).toFixed(1)} Mbit/s`;
}

function bufferAhead({ buffered, currentTime }: HTMLVideoElement): number {
  for (let index = 0; index < buffered.length; index++) {
    if (buffered.start(index) <= currentTime + 0.1 && buffered.end(index) > currentTime) {
      return buffered.end(index) - currentTime;
    }
  }
  return 0;
}
