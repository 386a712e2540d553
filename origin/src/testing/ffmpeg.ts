import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';
import { it } from 'vitest';

const exec = promisify(execFile);

const found = spawnSync('ffmpeg', ['-version']).status === 0;

/** A test that needs ffmpeg; where it is not installed the test is skipped, under CI it fails. */
export const itWithFfmpeg: typeof it.skip = found || process.env.CI === 'true' ? it : it.skip;

export async function ffmpeg(...args: string[]): Promise<string> {
  const { stdout } = await exec('ffmpeg', ['-v', 'error', '-y', ...args], { maxBuffer: 64 * 1024 * 1024 });
  return stdout;
}

/** MD5 of every decoded frame of one kind, in order, as `[pts, hash]`. */
export async function frames(input: string, kind: 'v' | 'a'): Promise<{ pts: number; hash: string }[]> {
  const listing = await ffmpeg('-i', input, '-map', `0:${kind}:0`, '-f', 'framemd5', '-');
  return listing
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split(',').map((field) => field.trim()))
    .map((fields) => ({ pts: Number(fields[2]), hash: fields[5] ?? '' }));
}

export interface StreamFacts {
  readonly startSeconds: number;
  readonly codec: string;
}

/** What ffprobe says of the first stream of a kind, and of the whole. */
export async function probeStream(
  input: string,
  kind: 'v' | 'a',
): Promise<StreamFacts & { durationSeconds: number }> {
  const entries = 'stream=start_time,codec_name:format=duration';
  const { stdout } = await exec('ffprobe', [
    '-v',
    'error',
    '-select_streams',
    `${kind}:0`,
    '-show_entries',
    entries,
    '-of',
    'json',
    input,
  ]);
  const { streams, format } = JSON.parse(stdout);
  return {
    startSeconds: Number(streams[0].start_time),
    codec: streams[0].codec_name,
    durationSeconds: Number(format.duration),
  };
}
