import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Cleanup } from '../process/cleanup.js';
import { launchChromium } from '../system/chromium.js';
import { mustRun, ORIGIN_BIN } from '../system/command-line.js';
import { type EdgeProcess, startEdgeProcess } from '../system/edge-process.js';
import { type Swift, startSwift } from '../system/swift.js';
import { CAR, type ClipOptions, footagePresent, makeClip } from './media/clips.js';
import { audioPackets, decodedFrames } from './media/frames.js';
import { bufferedWhole, openWatchPage, playedToEnd } from './page/watch-page.js';

interface Case {
  readonly name: string;
  /** Made by ffmpeg; without it the footage. */
  readonly clip?: ClipOptions;
  readonly audio: boolean;
}

const CASES: readonly Case[] = [
  { name: 'car-detection', audio: true },
  {
    name: 'b-frames-ntsc-moov-end',
    clip: { seconds: 7, frameRate: '30000/1001', bFrames: 3, audio: true, moov: 'end' },
    audio: true,
  },
  {
    name: 'b-frames-moov-front',
    clip: { seconds: 6, frameRate: '25', bFrames: 2, audio: true, moov: 'front' },
    audio: true,
  },
  {
    name: 'ntsc-no-audio-moov-front',
    clip: { seconds: 6, frameRate: '30000/1001', bFrames: 0, audio: false, moov: 'front' },
    audio: false,
  },
  {
    name: 'b-frames-no-audio-moov-end',
    clip: { seconds: 5, frameRate: '30000/1001', bFrames: 3, audio: false, moov: 'end' },
    audio: false,
  },
];

const cleanup = new Cleanup();
let swift: Swift;
let edge: EdgeProcess;
let browser: Browser;
let bucket: string;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'eddy-clips-'));
  cleanup.add(() => rm(folder, { recursive: true, force: true }));
  swift = await startSwift();
  cleanup.add(swift.stop);
  bucket = await swift.createBucket();
  edge = await startEdgeProcess({ origin: `s3://${bucket}/videos`, env: swift.environment });
  cleanup.add(edge.stop);
  browser = await launchChromium();
  cleanup.add(() => browser.close());
});
afterAll(() => cleanup.run());

const footage = await footagePresent();

describe.each(CASES)('$name (the footage lies beside the repository)', ({ name, clip, audio }) => {
  it.skipIf(clip === undefined && !footage)(
    'published to S3, served by an edge: every frame is the source’s, and hls.js plays it whole',
    async () => {
      const source = clip === undefined ? CAR : join(folder, `${name}.mp4`);
      if (clip !== undefined) await makeClip(source, clip);
      const to = ['--to', `s3://${bucket}/videos`, '--name', name];
      await mustRun(process.execPath, [ORIGIN_BIN, 'publish', source, ...to], { env: swift.environment });
      const url = `${edge.url}/${name}/master.m3u8`;

      const frames = await decodedFrames(source);
      const served = await decodedFrames(url);
      expect(served.map(({ md5 }) => md5)).toEqual(frames.map(({ md5 }) => md5));
      for (const [index, { time }] of served.entries()) {
        expect(time).toBeCloseTo(frames[index]?.time ?? -1, 3);
      }
      if (audio) expect(await audioPackets(url)).toEqual(await audioPackets(source));

      const page = await openWatchPage(browser, url);
      const buffered = await bufferedWhole(page);
      expect(buffered.sourceBuffers).toHaveLength(audio ? 2 : 1);
      for (const ranges of [buffered.video, ...buffered.sourceBuffers.map((each) => each.ranges)]) {
        expect(ranges).toHaveLength(1);
        expect(Math.abs(ranges[0]?.[0] ?? 1)).toBeLessThanOrEqual(0.001);
      }
      const ended = await playedToEnd(page);
      await page.close();
      expect(ended).toMatchObject({ problems: [], stalls: [], decodedFrames: frames.length });
      expect(ended.position).toBeCloseTo(ended.duration, 1);
    },
  );
});
