import type Hls from 'hls.js';
import type { Page } from 'playwright-core';

declare global {
  interface Window {
    /** What hls.js did and when (ms of the page's clock), a line each. */
    timeline: string[];
  }
}

/** Notes from now on what the player loads, from where, and when its picture waits: to read when something fails. */
export async function keepTimeline(page: Page): Promise<void> {
  await page.evaluate(() => {
    const hls = window.eddyDemo?.hls;
    const video = document.querySelector('video');
    if (hls === undefined || video === null) throw new Error('the page has no player');
    const { Events } = hls.constructor as typeof Hls;
    window.timeline = [];
    const note = (line: string): void => {
      const { buffered, currentTime } = video;
      const ahead = buffered.length === 0 ? 0 : buffered.end(buffered.length - 1) - currentTime;
      window.timeline.push(
        `${Math.round(performance.now())} at ${currentTime.toFixed(1)} s, ${ahead.toFixed(1)} s ahead: ${line}`,
      );
    };
    hls.on(Events.ERROR, (_, { details, fatal, url, frag, error }) =>
      note(`${fatal ? 'FATAL ' : ''}error ${details} (${error.message}) ${url ?? frag?.url ?? ''}`),
    );
    hls.on(Events.LEVEL_LOADING, (_, { url }) => note(`playlist asked for: ${url}`));
    hls.on(Events.LEVEL_UPDATED, (_, { details }) => note(`playlist ${details.startSN}-${details.endSN}`));
    hls.on(Events.STEERING_MANIFEST_LOADED, (_, { steeringManifest }) =>
      note(`steered: ${JSON.stringify(steeringManifest['PATHWAY-PRIORITY'])}`),
    );
    hls.on(Events.FRAG_LOADING, (_, { frag }) => note(`${frag.type} ${frag.sn} asked for: ${frag.url}`));
    hls.on(Events.FRAG_BUFFERED, (_, { frag, stats }) => {
      const [start, first, end] = [stats.loading.start, stats.loading.first, stats.loading.end].map(
        Math.round,
      );
      note(`${frag.type} ${frag.sn} buffered, asked for at ${start}, first byte ${first}, whole ${end}`);
    });
    video.addEventListener('waiting', () => note('WAITING'));
    const session = window.eddyDemo?.session;
    session?.on('segment', ({ sequence, track, edgeBytes, peerBytes, milliseconds }) =>
      note(
        `${track} ${sequence}: ${edgeBytes} bytes from the edge, ${peerBytes} from peers, ${Math.round(milliseconds)} ms`,
      ),
    );
    session?.on('state', (state) => note(`session ${state}`));
  });
}

export function timelineOf(page: Page): Promise<string> {
  return page.evaluate(() => window.timeline.join('\n'));
}
