import { copyFile, mkdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { type Child, startChild } from '../../process/child.js';
import { mustRun, ORIGIN_BIN } from '../../system/command-line.js';
import type { MediaPlan } from '../scenarios.js';
import type { PeerFiles } from './peer-packages.js';

const HLS_JS = createRequire(import.meta.url).resolve('hls.js/dist/hls.min.js');
const EDDY_JS = fileURLToPath(new URL('../../../../player-sdk/dist/eddy.global.js', import.meta.url));
/** Compiled code lies in `dist`, the page beside its source. */
const VIEWER_PAGE = fileURLToPath(new URL('../../../src/swarm/page/viewer.html', import.meta.url));

/** Path of the page that every viewer opens. */
export const VIEWER_PATH = '/viewer/index.html';
/** Segments in a live playlist. */
export const LIVE_WINDOW = 10;

/** Puts the page and the scripts of everyone into `folder`, for the edge to serve. */
export async function putPage(folder: string, peers: PeerFiles): Promise<void> {
  const home = join(folder, 'viewer');
  await mkdir(home, { recursive: true });
  const files = { ...peers, 'index.html': VIEWER_PAGE, 'hls.js': HLS_JS, 'eddy.js': EDDY_JS };
  await Promise.all(Object.entries(files).map(([name, from]) => copyFile(from, join(home, name))));
}

export function streamName({ kind, segmentSeconds, renditions }: MediaPlan): string {
  return `${kind}-${segmentSeconds}s-${renditions}`;
}

function inputsOf({ renditions }: MediaPlan, footage: readonly string[]): readonly string[] {
  return renditions === 1 ? footage.slice(-1) : footage;
}

/** Packages the clip as a finished video. */
export async function publishVideo(
  folder: string,
  media: MediaPlan,
  footage: readonly string[],
): Promise<void> {
  await mustRun(process.execPath, [
    ...[ORIGIN_BIN, 'publish', ...inputsOf(media, footage), '--to', pathToFileURL(folder).href],
    ...['--name', streamName(media), '--segment-seconds', String(media.segmentSeconds)],
  ]);
}

/** Begins to play the clip out, endlessly and in real time. */
export async function startStream(
  folder: string,
  media: MediaPlan,
  footage: readonly string[],
  signal: AbortSignal,
): Promise<Child> {
  let log = (): string => '';
  return await startChild({
    name: 'eddy-origin live',
    command: process.execPath,
    args: [
      ...[ORIGIN_BIN, 'live', ...inputsOf(media, footage), '--to', pathToFileURL(folder).href],
      ...['--name', streamName(media), '--segment-seconds', String(media.segmentSeconds)],
      ...['--window', String(LIVE_WINDOW)],
    ],
    ready: async () => log().includes('/master.m3u8'),
    onLog: (read) => {
      log = read;
    },
    signal,
  });
}
