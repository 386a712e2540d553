import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startChild } from '../../process/child.js';
import type { Cleanup } from '../../process/cleanup.js';

/** ffmpeg plays `source` out without end into `folder`, in 1 s segments that it deletes again. */
export async function startFfmpegLive(source: string, folder: string, cleanup: Cleanup): Promise<void> {
  await mkdir(folder, { recursive: true });
  const live = await startChild({
    name: 'ffmpeg',
    command: 'ffmpeg',
    cwd: folder,
    args: [
      ...[
        '-v',
        'error',
        '-re',
        '-stream_loop',
        '-1',
        '-i',
        source,
        '-c',
        'copy',
        '-f',
        'hls',
        '-hls_time',
        '1',
      ],
      ...['-hls_list_size', '6', '-hls_flags', 'delete_segments+temp_file', '-hls_delete_threshold', '2'],
      ...['-hls_segment_filename', 'seg%05d.ts', 'index.m3u8'],
    ],
    ready: async () => sequencesOf(await playlistOf(folder)).length >= 4,
    signal: new AbortController().signal,
  });
  cleanup.add(live.stop);
}

/** A presentation whose names are used again. */
export interface WrappedLive {
  /** SHA-256 (hex) of each segment that was published, by sequence number. */
  readonly published: ReadonlyMap<number, string>;
}

/** Longest between two looks at what ffmpeg has. */
const LOOK_MS = 50;

/**
 * Publishes the live presentation in `from` once more in `to`, under `names` names that are used in turn: each segment
 * replaces the one of `names` segments ago under its name, before the playlist names it.
 */
export async function startWrapping(
  { from, to, names }: { readonly from: string; readonly to: string; readonly names: number },
  cleanup: Cleanup,
): Promise<WrappedLive> {
  await mkdir(to, { recursive: true });
  const published = new Map<number, string>();
  let stopped = false;
  const put = async (name: string, body: string | Buffer): Promise<void> => {
    await writeFile(join(to, `.${name}`), body);
    await rename(join(to, `.${name}`), join(to, name));
  };
  const step = async (): Promise<void> => {
    const playlist = await playlistOf(from);
    for (const sequence of sequencesOf(playlist)) {
      if (published.has(sequence)) continue;
      const body = await readFile(join(from, nameOf(sequence))).catch(() => undefined);
      if (body === undefined) continue;
      await put(`${sequence % names}.ts`, body);
      published.set(sequence, createHash('sha256').update(body).digest('hex'));
    }
    if (playlist !== '') {
      await put(
        'index.m3u8',
        playlist.replace(/seg(\d+)\.ts/g, (_, digits) => `${Number(digits) % names}.ts`),
      );
    }
  };
  await step();
  const loop = (async () => {
    while (!stopped) {
      await step();
      await sleep(LOOK_MS);
    }
  })();
  cleanup.add(async () => {
    stopped = true;
    await loop;
  });
  return { published };
}

const nameOf = (sequence: number): string => `seg${String(sequence).padStart(5, '0')}.ts`;

async function playlistOf(folder: string): Promise<string> {
  return await readFile(join(folder, 'index.m3u8'), 'utf8').catch(() => '');
}

function sequencesOf(playlist: string): number[] {
  return [...playlist.matchAll(/^seg(\d+)\.ts$/gm)].map(([, digits]) => Number(digits));
}
