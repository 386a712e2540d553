import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { mustRun } from '../../system/command-line.js';
import { CAR } from './clips.js';

/** Footage for many presentations: small, with sound, a keyframe at each second. */
export async function encodeSource(file: string, { seconds }: { readonly seconds: number }): Promise<void> {
  await mustRun('ffmpeg', [
    ...['-v', 'error', '-y', '-i', CAR, '-t', String(seconds), '-vf', 'scale=320:180'],
    ...['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-bf', '0', '-r', '25', '-g', '25'],
    ...['-b:v', '600k', '-c:a', 'aac', '-b:a', '64k', '-ac', '2', file],
  ]);
}

export interface Packaging {
  readonly name: string;
  /** What ffmpeg is told beside `-f hls` and its name for segments. */
  readonly args: readonly string[];
  /** Default `seg%03d.ts`. */
  readonly segments?: string;
  /** Default `index.m3u8`. */
  readonly output?: string;
  /** What is played; default `index.m3u8`. */
  readonly src?: string;
}

const KEY_FILE = 'secret.key';
const KEY_INFO = 'key-info';

/** Ways in which people package HLS with ffmpeg, none of which our origin has seen. */
export const PACKAGINGS: readonly Packaging[] = [
  { name: 'fmp4', segments: 'seg%03d.m4s', args: ['-hls_segment_type', 'fmp4'] },
  { name: 'ts', args: [] },
  { name: 'byte-ranges', segments: 'all.ts', args: ['-hls_flags', 'single_file'] },
  { name: 'aes-128', args: ['-hls_key_info_file', KEY_INFO] },
  {
    name: 'audio-apart',
    segments: 'seg_%v_%03d.m4s',
    output: 'media_%v.m3u8',
    src: 'master.m3u8',
    args: [
      ...['-hls_segment_type', 'fmp4', '-hls_fmp4_init_filename', 'init_%v.mp4'],
      ...[
        '-master_pl_name',
        'master.m3u8',
        '-var_stream_map',
        'v:0,agroup:sound a:0,agroup:sound,default:yes',
      ],
    ],
  },
];

/** Packages `source` as `name` below `folder`, in 2 s segments. */
export async function packageVideo(source: string, folder: string, packaging: Packaging): Promise<void> {
  const { name, args, segments = 'seg%03d.ts', output = 'index.m3u8' } = packaging;
  const cwd = join(folder, name);
  await mkdir(cwd, { recursive: true });
  await writeFile(join(cwd, KEY_FILE), Buffer.from('0123456789abcdef'));
  await writeFile(join(cwd, KEY_INFO), `${KEY_FILE}\n${KEY_FILE}\n`);
  await mustRun(
    'ffmpeg',
    [
      ...['-v', 'error', '-i', source, '-map', '0:v', '-map', '0:a', '-c', 'copy', '-f', 'hls'],
      ...['-hls_time', '2', '-hls_playlist_type', 'vod', ...args, '-hls_segment_filename', segments, output],
    ],
    { cwd },
  );
}

/** Two pieces of the footage with a discontinuity between: the clock starts again. */
export async function packageWithDiscontinuity(source: string, folder: string, name: string): Promise<void> {
  const cwd = join(folder, name);
  await mkdir(cwd, { recursive: true });
  for (const part of [0, 1]) {
    await mustRun(
      'ffmpeg',
      [
        ...['-v', 'error', '-ss', String(6 * part), '-t', '6', '-i', source, '-c', 'copy', '-f', 'hls'],
        ...['-hls_time', '2', '-hls_list_size', '0'],
        ...['-hls_flags', part === 0 ? 'append_list+omit_endlist' : 'discont_start+append_list'],
        ...['-hls_segment_filename', 'seg%03d.ts', 'index.m3u8'],
      ],
      { cwd },
    );
  }
}
