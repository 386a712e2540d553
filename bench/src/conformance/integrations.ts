import { createRequire } from 'node:module';

const { resolve } = createRequire(import.meta.url);

/** One way in which a page can have Eddy. */
export interface Integration {
  readonly name: string;
  /** For the table. */
  readonly title: string;
  /** How the page starts it: see `page/main.ts`. */
  readonly player: 'hls-js' | 'shaka' | 'video-js';
  /** Files of script tags, in order, before Eddy's. */
  readonly libraries: readonly string[];
  /** Eddy's bundles, in order. */
  readonly bundles: readonly string[];
}

function hlsJs(version: string, module: string): Integration {
  return {
    name: `hls.js-${version}`,
    title: `hls.js ${version}`,
    player: 'hls-js',
    libraries: [resolve(`${module}/dist/hls.min.js`)],
    bundles: ['eddy.global.js'],
  };
}

const HLS_JS_NEWEST = resolve('hls.js/dist/hls.min.js');

/** hls.js of each minor version from 1.5 on, and what else plays HLS. */
export const INTEGRATIONS: readonly Integration[] = [
  hlsJs('1.5.20', 'hls.js-1.5'),
  hlsJs('1.6.19', 'hls.js-1.6'),
  hlsJs('1.7.4', 'hls.js'),
  {
    name: 'shaka-5',
    title: 'Shaka Player 5.2.12',
    player: 'shaka',
    libraries: [resolve('shaka-player')],
    bundles: ['eddy.global.js', 'eddy-shaka.global.js'],
  },
  {
    name: 'video.js-8',
    title: 'video.js 8.24.1 with hls.js 1.7.4',
    player: 'video-js',
    libraries: [resolve('video.js/dist/video.min.js'), HLS_JS_NEWEST],
    bundles: ['eddy.global.js', 'eddy-video-js.global.js'],
  },
];

export function integrationNamed(name: string): Integration {
  const found = INTEGRATIONS.find((integration) => integration.name === name);
  if (found === undefined) throw new Error(`there is no integration ${name}`);
  return found;
}
