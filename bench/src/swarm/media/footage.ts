import { mkdir, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { mustRun } from '../../system/command-line.js';

/** Length of the clip, in s: that of the VOD scenario, and of one round of the live loop. */
export const CLIP_SECONDS = 60;
/** bit/s of video, smallest first. */
const LADDER = [500_000, 900_000, 1_400_000] as const;
/** bit/s that a viewer plays at best. */
export const TOP_BITRATE = 1_400_000;
/** Small, so that eight decoders leave two cores room; the bytes are what matters. */
const SIZES = ['160x90', '240x136', '320x180'] as const;

/** Names the files by what is in them. */
const RECIPE = 'clip-2';

/**
 * A test picture under noise at a constant bitrate, 24 frames a second with a keyframe every 2 s, encoded once into
 * `folder`. Returns the renditions, the one of 1.4 Mbit/s last.
 */
export async function makeFootage(folder: string): Promise<string[]> {
  await mkdir(folder, { recursive: true });
  return await Promise.all(
    LADDER.map(async (bitrate, index) => {
      const file = join(folder, `${RECIPE}-${bitrate}.mp4`);
      const there = await stat(file).then(
        () => true,
        () => false,
      );
      if (there) return file;
      const rate = String(bitrate);
      await mustRun('ffmpeg', [
        ...['-v', 'error', '-y', '-f', 'lavfi'],
        ...['-i', `testsrc2=size=${SIZES[index]}:rate=24:duration=${CLIP_SECONDS},noise=alls=20:allf=t`],
        ...['-c:v', 'libx264', '-preset', 'veryfast', '-pix_fmt', 'yuv420p', '-bf', '0', '-threads', '1'],
        ...['-g', '48', '-keyint_min', '48', '-sc_threshold', '0', '-x264-params', 'nal-hrd=cbr'],
        ...['-b:v', rate, '-minrate', rate, '-maxrate', rate, '-bufsize', rate],
        ...['-movflags', '+faststart', `${file}.part.mp4`],
      ]);
      await rename(`${file}.part.mp4`, file);
      return file;
    }),
  );
}
