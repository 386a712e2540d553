import { mustRun } from '../../system/command-line.js';

export interface Frame {
  /** In seconds. */
  readonly time: number;
  readonly md5: string;
}

/**
 * Every picture that ffmpeg decodes from a file or URL, in order of display, with its time since the first.
 */
export async function decodedFrames(input: string): Promise<Frame[]> {
  const out = await mustRun('ffmpeg', [
    ...['-v', 'error', '-i', input, '-map', '0:v:0', '-fps_mode', 'passthrough', '-f', 'framemd5', '-'],
  ]);
  const base = /^#tb 0: (\d+)\/(\d+)/m.exec(out);
  if (base === null) throw new Error(`ffmpeg decoded no picture of ${input}:\n${out.slice(0, 500)}`);
  const seconds = Number(base[1]) / Number(base[2]);
  const rows = out
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split(',').map((field) => field.trim()));
  const first = Number(rows[0]?.[2] ?? 0);
  return rows.map((fields) => ({ time: (Number(fields[2]) - first) * seconds, md5: fields[5] ?? '' }));
}

/** The MD5 of every compressed packet of sound, without decoding. */
export async function audioPackets(input: string): Promise<string[]> {
  const out = await mustRun('ffmpeg', [
    ...['-v', 'error', '-i', input, '-map', '0:a:0', '-c', 'copy', '-f', 'framemd5', '-'],
  ]);
  return out
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split(',')[5]?.trim() ?? '');
}
