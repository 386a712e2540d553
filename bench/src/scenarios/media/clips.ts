import { access } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { mustRun } from '../../system/command-line.js';

/** Camera footage with 12.5 frames a second and sound; it lies beside the repository and is not part of it. */
export const CAR: string = fileURLToPath(
  new URL('../../../../../shared/media/car-detection.mp4', import.meta.url),
);

/** Whether the footage is there. Under `CI=true` it counts as there, so that what needs it fails. */
export async function footagePresent(): Promise<boolean> {
  if (process.env.CI === 'true') return true;
  return await access(CAR).then(
    () => true,
    () => false,
  );
}

export interface ClipOptions {
  readonly seconds: number;
  /** `30000/1001`, say. */
  readonly frameRate: string;
  readonly bFrames: number;
  readonly audio: boolean;
  /** Where the index lies in the file. */
  readonly moov: 'front' | 'end';
  /** Default `640x360`. */
  readonly size?: string;
}

/** Encodes a test picture with a running clock, a keyframe every 2 s at most. */
export async function makeClip(file: string, options: ClipOptions): Promise<void> {
  const { seconds, frameRate, bFrames, audio, moov, size = '640x360' } = options;
  await mustRun('ffmpeg', [
    ...[
      '-v',
      'error',
      '-y',
      '-f',
      'lavfi',
      '-i',
      `testsrc2=size=${size}:rate=${frameRate}:duration=${seconds}`,
    ],
    ...(audio ? ['-f', 'lavfi', '-i', `sine=frequency=440:sample_rate=48000:duration=${seconds}`] : []),
    ...['-c:v', 'libx264', '-preset', 'veryfast', '-pix_fmt', 'yuv420p', '-bf', String(bFrames)],
    ...['-force_key_frames', 'expr:gte(t,n_forced*2)'],
    ...(audio ? ['-c:a', 'aac', '-b:a', '96k'] : []),
    ...(moov === 'front' ? ['-movflags', '+faststart'] : []),
    file,
  ]);
}
