import type { attachEddy } from '@eddy/player-sdk';
import type HlsClass from 'hls.js';
import type { FragmentLoaderConstructor, HlsConfig, Loader, LoaderContext } from 'hls.js';
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
  const own = new URLSearchParams(location.search).has('own');
  const hls = new Hls(own ? ownSettings() : {});
  const session = Eddy.attachEddy(hls);
  watchErrors(hls);
  hls.loadSource(src);
  hls.attachMedia(video);
  return {
    ...{ session, video, ...choosing(hls) },
    destroy: async () => hls.destroy(),
  };
}

/** What a page may have set itself; all of it has to be used, with Eddy as without. */
function ownSettings(): Partial<HlsConfig> {
  const used = { loader: 0, fLoader: 0, xhrSetup: 0, managedMediaSources: 0 };
  window.ownSettings = used;
  // No browser here has one.
  class ManagedMediaSource extends MediaSource {
    readonly streaming = true;
    constructor() {
      super();
      used.managedMediaSources++;
    }
  }
  Object.assign(window, { ManagedMediaSource });
  const counting = (name: 'loader' | 'fLoader'): HlsConfig['loader'] =>
    class extends Hls.DefaultConfig.loader {
      override load(...call: Parameters<Loader<LoaderContext>['load']>): void {
        used[name]++;
        super.load(...call);
      }
    };
  return {
    preferManagedMediaSource: true,
    loader: counting('loader'),
    // By the same cast as hls.js makes where there is none.
    fLoader: counting('fLoader') as unknown as FragmentLoaderConstructor,
    xhrSetup: (_xhr, url) => {
      if (/\.(m4s|mp4)/.test(url)) used.xhrSetup++;
    },
  };
}
