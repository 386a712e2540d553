import type { attachEddy } from '@eddy/player-sdk';
import type HlsClass from 'hls.js';
import type { Viewer } from './viewer.js';

declare const Hls: typeof HlsClass;
declare const Eddy: { readonly attachEddy: typeof attachEddy };

/** What is common to all that plays with hls.js. */
export function choosing(hls: HlsClass): Pick<Viewer, 'heights' | 'choose'> {
  return {
    heights: () => hls.levels.map(({ height }) => height),
    choose: (height) => {
      hls.nextLevel = hls.levels.findIndex((level) => level.height === height);
    },
  };
}

export function watchErrors(hls: HlsClass): void {
  const { Events } = hls.constructor as typeof HlsClass;
  hls.on(Events.ERROR, (_event, { fatal, details }) => {
    if (fatal) window.problems.push(details);
  });
}

/** hls.js from a script tag, as the README has it. */
export function startHlsJs(video: HTMLVideoElement, src: string): Viewer {
  const hls = new Hls();
  const session = Eddy.attachEddy(hls);
  watchErrors(hls);
  hls.loadSource(src);
  hls.attachMedia(video);
  return {
    ...{ session, video, ...choosing(hls) },
    destroy: async () => hls.destroy(),
  };
}
