import { attachEddy, attachOverlay, type EddySession } from '@eddy/player-sdk';
import Hls from 'hls.js';
import { showFigures } from './figures.js';
import { element, showTrouble, videoElement } from './page.js';
import { troubleInWords } from './trouble.js';

declare global {
  interface Window {
    /** For tests and for those who are curious. */
    eddyDemo?: { hls: Hls; session: EddySession };
  }
}

const DEFAULT_SOURCE = '/sample/master.m3u8';
const RETRY_MS = 4_000;
const REFRESH_MS = 500;

const source = new URLSearchParams(location.search).get('src') ?? DEFAULT_SOURCE;
const video = videoElement();

function markStream(): void {
  for (const link of document.querySelectorAll<HTMLElement>('[data-stream]')) {
    if (link.dataset.stream === source) link.setAttribute('aria-current', 'page');
  }
  element('second').setAttribute('href', location.href);
  element('wall').setAttribute('href', `./side-by-side.html?src=${source}`);
}

function play(): void {
  const hls = new Hls();
  const session = attachEddy(hls);
  window.eddyDemo = { hls, session };
  hls.on(Hls.Events.ERROR, (_event, data) => {
    if (!data.fatal) return;
    if (
      data.type === Hls.ErrorTypes.MEDIA_ERROR &&
      data.details !== Hls.ErrorDetails.MANIFEST_INCOMPATIBLE_CODECS_ERROR
    ) {
      hls.recoverMediaError();
      return;
    }
    showTrouble(troubleInWords(data, source));
    if (data.type === Hls.ErrorTypes.NETWORK_ERROR) setTimeout(() => hls.loadSource(source), RETRY_MS);
  });
  hls.on(Hls.Events.FRAG_BUFFERED, () => showTrouble(undefined));
  hls.loadSource(source);
  hls.attachMedia(video);
  attachOverlay(session, element('frame'));
  setInterval(() => showFigures(hls, session, video), REFRESH_MS);
}

markStream();
if (Hls.isSupported()) {
  play();
} else if (video.canPlayType('application/vnd.apple.mpegurl') !== '') {
  video.src = source;
} else {
  showTrouble('This browser can play HLS neither by itself nor through Media Source Extensions.');
}
