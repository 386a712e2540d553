import { copyFile, mkdir, readdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startChild } from '../process/child.js';
import type { Cleanup } from '../process/cleanup.js';
import { makeClip } from '../scenarios/media/clips.js';
import { PACKAGINGS, packageVideo } from '../scenarios/media/ffmpeg-hls.js';
import { publishedSegments } from '../scenarios/media/published-segments.js';
import { makeSite } from '../scenarios/site.js';
import { ORIGIN_BIN } from '../system/command-line.js';
import { type EdgeProcess, startEdgeProcess } from '../system/edge-process.js';
import { INTEGRATIONS, type Integration } from './integrations.js';

const SDK_DIST = fileURLToPath(new URL('../../../player-sdk/dist/', import.meta.url));
/** As the page runs it: compiled. */
const PAGE_DIST = fileURLToPath(new URL('../../dist/conformance/page/', import.meta.url));

const FILM_SECONDS = 36;
const FILM_HEIGHTS = [180, 360] as const;

/** What the suite plays, from a real edge. */
export interface SuiteSite {
  readonly edge: EdgeProcess;
  /** SHA-256 (hex) of every media file of the film. */
  readonly published: ReadonlyMap<string, string>;
  readonly pageUrl: (integration: Integration, src: string) => string;
}

export const SOURCES = {
  /** CMAF in two renditions. */
  film: '/film/master.m3u8',
  /** The same under another name, for a swarm of its own. */
  encore: '/encore/master.m3u8',
  live: '/live/master.m3u8',
  /** TS with AES-128. */
  encrypted: '/aes-128/index.m3u8',
} as const;

/** `whole`: with the live stream and the encrypted one too. */
export async function makeSuiteSite(
  cleanup: Cleanup,
  { whole }: { readonly whole: boolean },
): Promise<SuiteSite> {
  const site = await makeSite();
  cleanup.add(site.remove);
  const clips = FILM_HEIGHTS.map((height) => join(site.folder, `clip-${height}.mp4`));
  const [small, large] = clips;
  if (small === undefined || large === undefined) throw new Error('two renditions are needed');
  const common = { seconds: FILM_SECONDS, frameRate: '25', bFrames: 0, audio: true, moov: 'front' } as const;
  await makeClip(small, { ...common, size: '320x180' });
  await makeClip(large, common);
  await site.publish('film', small, large);
  await site.publish('encore', small, large);
  const published = await publishedSegments(site.folder);
  if (whole) {
    const encrypted = PACKAGINGS.find(({ name }) => name === 'aes-128');
    if (encrypted === undefined) throw new Error('nothing encrypts');
    await packageVideo(large, site.folder, encrypted);
    await startLive(large, site.url, cleanup);
  }
  await writePages(join(site.folder, 'conformance'));
  const edge = await startEdgeProcess({ origin: site.url });
  cleanup.add(edge.stop);
  return {
    edge,
    published,
    pageUrl: ({ name, player }, src) => `${edge.url}/conformance/${name}.html?player=${player}&src=${src}`,
  };
}

async function startLive(input: string, to: string, cleanup: Cleanup): Promise<void> {
  let log = (): string => '';
  const live = await startChild({
    name: 'eddy-origin live',
    command: process.execPath,
    args: [ORIGIN_BIN, 'live', input, '--to', to, '--name', 'live'],
    ready: async () => log().includes(SOURCES.live),
    onLog: (read) => {
      log = read;
    },
    signal: new AbortController().signal,
  });
  cleanup.add(live.stop);
}

async function writePages(folder: string): Promise<void> {
  await mkdir(folder);
  for (const name of await readdir(PAGE_DIST)) {
    if (name.endsWith('.js')) await copyFile(join(PAGE_DIST, name), join(folder, name));
  }
  for (const { name, libraries, bundles } of INTEGRATIONS) {
    const scripts = [...libraries, ...bundles.map((bundle) => join(SDK_DIST, bundle))];
    const tags: string[] = [];
    for (const [index, file] of scripts.entries()) {
      const copy = `${name}-${index}-${basename(file)}`;
      await copyFile(file, join(folder, copy));
      tags.push(`<script src="${copy}"></script>`);
    }
    const html = [
      '<!doctype html><meta charset="utf-8"><title>Eddy: conformance</title>',
      '<video muted autoplay playsinline width="320" height="180"></video>',
      ...tags,
      '<script type="module" src="main.js"></script>',
    ];
    await writeFile(join(folder, `${name}.html`), html.join('\n'));
  }
}
