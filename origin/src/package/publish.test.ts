import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { decodeDigestBlock, leavesOf, rootOf } from '@eddy/protocol';
import { describe, expect, it } from 'vitest';
import { folderStore } from '../storage/folder-store.js';
import type { ObjectStore } from '../storage/object-store.js';
import { ffmpeg, frames, itWithFfmpeg, probeStream } from '../testing/ffmpeg.js';
import { temporaryFolder } from '../testing/temporary.js';
import { openFileSource } from './file-source.js';
import { packageSegments } from './package-segments.js';
import { planPresentation } from './presentation.js';
import { probe } from './probe.js';
import { type Published, publish } from './publish.js';

const folder = temporaryFolder();
const car = fileURLToPath(new URL('../../../../shared/media/car-detection.mp4', import.meta.url));
const CLIP = [
  '-f',
  'lavfi',
  '-i',
  'testsrc2=s=192x108:r=25:d=7',
  '-f',
  'lavfi',
  '-i',
  'sine=440:r=48000:d=7',
];
const X264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-x264-params', 'scenecut=0', '-g', '50'];

async function clip(name: string, ...args: string[]): Promise<string> {
  const path = join(folder.path, name);
  await ffmpeg(...args, path);
  return path;
}

async function publishTo(
  name: string,
  inputs: readonly string[],
  segmentSeconds = 2,
): Promise<Published & { path: (key: string) => string }> {
  const root = join(folder.path, 'out');
  const published = await publish({ store: folderStore(root) }, { inputs, name, segmentSeconds });
  return { ...published, path: (key) => join(root, key) };
}

/** Playlists of a presentation, by label. */
function playlist(published: Awaited<ReturnType<typeof publishTo>>, label: string | RegExp): string {
  const rendition = published.renditions.find((candidate) => candidate.label.match(label));
  return published.path(rendition?.key ?? '');
}

async function expectSameVideo(
  source: string,
  published: Awaited<ReturnType<typeof publishTo>>,
): Promise<void> {
  const wanted = await frames(source, 'v');
  expect(wanted.length).toBeGreaterThan(100);
  for (const input of [playlist(published, /p$/), published.path(published.key)]) {
    const got = await frames(input, 'v');
    expect(got.map(({ hash }) => hash)).toEqual(wanted.map(({ hash }) => hash));
    expect(got[0]?.pts).toBe(0);
  }
  const [made, original] = [
    await probeStream(playlist(published, /p$/), 'v'),
    await probeStream(source, 'v'),
  ];
  expect(made.startSeconds).toBe(0);
  expect(made.codec).toBe(original.codec);
}

/** Sound that the source's edit list hides as run-in comes first; then every frame is the source's. */
async function expectSameSound(
  source: string,
  published: Awaited<ReturnType<typeof publishTo>>,
  runIn: number,
): Promise<void> {
  const wanted = await frames(source, 'a');
  const got = await frames(playlist(published, 'audio'), 'a');
  expect(got.slice(runIn).map(({ hash }) => hash)).toEqual(wanted.map(({ hash }) => hash));
  expect((await probeStream(playlist(published, 'audio'), 'a')).startSeconds).toBe(0);
}

const sumOf = (text: string): number =>
  [...text.matchAll(/#EXTINF:([\d.]+)/g)].reduce((sum, [, seconds]) => sum + Number(seconds), 0);

describe('published clips decode to the source, frame by frame', { timeout: 60_000 }, () => {
  itWithFfmpeg('with B-frames and moov at the end', async () => {
    const source = await clip('b.mp4', ...CLIP, ...X264, '-bf', '3', '-c:a', 'aac');
    const published = await publishTo('b', [source]);
    await expectSameVideo(source, published);
    await expectSameSound(source, published, 1);
    const text = await readFile(playlist(published, /p$/), 'utf8');
    expect(sumOf(text)).toBeCloseTo(7, 5);
    expect([...text.matchAll(/#EXTINF:([\d.]+)/g)].map(([, seconds]) => Number(seconds))).toEqual([
      2, 2, 2, 1,
    ]);
  });

  itWithFfmpeg('at 29.97 fps with moov at the start', async () => {
    const source = await clip(
      'ntsc.mp4',
      ...CLIP,
      ...X264,
      '-bf',
      '2',
      '-r',
      '30000/1001',
      '-g',
      '60',
      '-c:a',
      'aac',
      '-movflags',
      '+faststart',
    );
    const published = await publishTo('ntsc', [source]);
    await expectSameVideo(source, published);
    await expectSameSound(source, published, 1);
    const text = await readFile(playlist(published, /p$/), 'utf8');
    expect(text).toContain('#EXTINF:2.002000,');
    expect(await readFile(published.path(published.key), 'utf8')).toContain('FRAME-RATE=29.970');
  });

  itWithFfmpeg('without sound', async () => {
    const source = await clip('silent.mp4', ...CLIP, ...X264, '-bf', '0', '-an');
    const published = await publishTo('silent', [source]);
    await expectSameVideo(source, published);
    const master = await readFile(published.path(published.key), 'utf8');
    expect(master).not.toContain('AUDIO');
    expect(master).toMatch(/CODECS="avc1\.[0-9a-f]{6}"/);
  });

  itWithFfmpeg('that are fragmented already', async () => {
    const source = await clip(
      'frag.mp4',
      ...CLIP,
      ...X264,
      '-bf',
      '2',
      '-c:a',
      'aac',
      '-movflags',
      'frag_keyframe+empty_moov+default_base_moof',
    );
    const published = await publishTo('frag', [source]);
    await expectSameVideo(source, published);
    await expectSameSound(source, published, 0);
  });

  itWithFfmpeg('with Opus sound and HEVC pictures', async () => {
    const opus = await clip('opus.mp4', ...CLIP, ...X264, '-c:a', 'libopus');
    const published = await publishTo('opus', [opus]);
    await expectSameVideo(opus, published);
    await expectSameSound(opus, published, 0);
    expect(await readFile(published.path(published.key), 'utf8')).toMatch(/CODECS="avc1\.[0-9a-f]{6},opus"/);
    const hevc = await clip(
      'hevc.mp4',
      ...CLIP,
      '-c:v',
      'libx265',
      '-preset',
      'ultrafast',
      '-x265-params',
      'log-level=none:keyint=50',
      '-tag:v',
      'hvc1',
      '-an',
    );
    const second = await publishTo('hevc', [hevc]);
    await expectSameVideo(hevc, second);
    expect(second.renditions[0]?.codec).toMatch(/^hvc1\.1\.6\.L\d+\.90$/);
  });

  it.skipIf(!existsSync(car) && process.env.CI !== 'true')(
    `camera footage (${existsSync(car) ? 'present' : 'shared/media is not here'})`,
    async () => {
      const published = await publishTo('car', [car], 4);
      await expectSameVideo(car, published);
      await expectSameSound(car, published, 0);
      expect(sumOf(await readFile(playlist(published, /p$/), 'utf8'))).toBeCloseTo(30.16, 5);
    },
  );
});

describe('renditions', { timeout: 60_000 }, () => {
  itWithFfmpeg(
    'of one video are cut at the same times, with sound from the first that has some',
    async () => {
      const small = await clip('small.mp4', ...CLIP, ...X264, '-s', '128x72', '-an');
      const large = await clip('large.mp4', ...CLIP, ...X264, '-bf', '2', '-g', '25', '-c:a', 'aac');
      const published = await publishTo('both', [small, large], 3);
      expect(published.warnings).toEqual([]);
      expect(published.renditions.map(({ label, segments }) => [label, segments])).toEqual([
        ['72p', 2],
        ['108p', 2],
        ['audio', 2],
      ]);
      const infs = async (label: string) =>
        (await readFile(playlist(published, label), 'utf8')).match(/#EXTINF.*/g);
      expect(await infs('72p')).toEqual(await infs('108p'));
    },
  );

  itWithFfmpeg('get digests that the protocol reads back, of what is stored', async () => {
    const source = await clip('digest.mp4', ...CLIP, ...X264, '-an');
    const published = await publishTo('digest', [source]);
    const index = playlist(published, /p$/);
    const digests = decodeDigestBlock(await readFile(index.replace(/index\.m3u8$/, 'index.digests/0.bin')));
    expect(digests.map(({ path }) => path)).toEqual(['0.m4s', '1.m4s', '2.m4s', '3.m4s']);
    const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest();
    for (const { path, bytes, root } of digests) {
      const segment = await readFile(index.replace(/index\.m3u8$/, path));
      expect(segment.length).toBe(bytes);
      expect(Buffer.from(await rootOf(await leavesOf(segment, sha256), sha256)).equals(root)).toBe(true);
    }
  });
});

describe('what cannot be published', { timeout: 60_000 }, () => {
  const refusals = async (input: string, code: string): Promise<void> => {
    const root = join(folder.path, 'refused');
    await expect(publish({ store: folderStore(root) }, { inputs: [input], name: 'x' })).rejects.toMatchObject(
      { code },
    );
    expect(existsSync(root)).toBe(false);
  };

  it('is refused: not an MP4, nothing, a folder, no file', async () => {
    const text = join(folder.path, 'text.mp4');
    await writeFile(text, 'This is not a film. '.repeat(100));
    await refusals(text, 'not-mp4');
    const nothing = join(folder.path, 'nothing.mp4');
    await writeFile(nothing, '');
    await refusals(nothing, 'not-mp4');
    await refusals(folder.path, 'unreadable');
    await refusals(join(folder.path, 'none.mp4'), 'unreadable');
  });

  itWithFfmpeg('is refused: codecs that HLS does not carry, and no video', async () => {
    await refusals(await clip('mpeg4.mp4', ...CLIP, '-c:v', 'mpeg4', '-an'), 'codec');
    await refusals(await clip('mp3.mp4', ...CLIP, ...X264, '-c:a', 'libmp3lame'), 'codec');
    await refusals(await clip('sound.mp4', '-f', 'lavfi', '-i', 'sine=440:d=2', '-c:a', 'aac'), 'no-video');
  });

  itWithFfmpeg('is refused: files cut off anywhere', async () => {
    const whole = await readFile(
      await clip('whole.mp4', ...CLIP, ...X264, '-c:a', 'aac', '-movflags', '+faststart'),
    );
    const late = await readFile(await clip('late.mp4', ...CLIP, ...X264, '-c:a', 'aac'));
    const cut = join(folder.path, 'cut.mp4');
    for (const bytes of [whole, late]) {
      for (const share of [0.001, 0.01, 0.3, 0.9, 0.999]) {
        await writeFile(cut, bytes.subarray(0, Math.floor(bytes.length * share)));
        await refusals(cut, share === 0.001 ? expect.stringMatching(/truncated|not-mp4/) : 'truncated');
      }
    }
  });

  itWithFfmpeg('is refused: a moov that lies, within seconds', async () => {
    const bytes = await readFile(await clip('honest.mp4', ...CLIP, ...X264, '-c:a', 'aac'));
    const lie = join(folder.path, 'lie.mp4');
    for (const [table, value] of [
      ['stts', 20_000_000],
      ['stsz', 20_000_000],
      ['stsc', 0x7fffffff],
      ['stco', 0xffffffff],
    ] as const) {
      const crafted = Buffer.from(bytes);
      crafted.writeUInt32BE(value, crafted.indexOf(table) + (table === 'stsz' ? 12 : 8));
      await writeFile(lie, crafted);
      await refusals(lie, 'bad-box');
    }
    const moved = Buffer.from(bytes);
    moved.writeUInt32BE(0xfffffff0, moved.indexOf('stco') + 12);
    await writeFile(lie, moved);
    await refusals(lie, 'truncated');
  });

  itWithFfmpeg('is taken away again when the store fails midway', async () => {
    const source = await clip('fails.mp4', ...CLIP, ...X264, '-c:a', 'aac');
    const root = join(folder.path, 'failing');
    const inner = folderStore(root);
    for (let failAt = 1; failAt <= 13; failAt++) {
      let puts = 0;
      const store: ObjectStore = {
        ...inner,
        put: (key, bytes, options) =>
          ++puts === failAt ? Promise.reject(new Error('full')) : inner.put(key, bytes, options),
      };
      await expect(publish({ store }, { inputs: [source], name: 'x', segmentSeconds: 2 })).rejects.toThrow(
        'full',
      );
      expect(await readdir(root).catch(() => [])).toEqual([]);
    }
  });
});

describe('publishing again under the same name', { timeout: 60_000 }, () => {
  itWithFfmpeg(
    'never reuses a URL, keeps what was replaced for one more round, and survives a failure',
    async () => {
      const first = await clip('one.mp4', ...CLIP, ...X264, '-an');
      const second = await clip('two.mp4', ...CLIP, ...X264, '-vf', 'negate', '-an');
      const root = join(folder.path, 'again');
      const store = folderStore(root);
      const written = new Set<string>();
      const watched: ObjectStore = {
        ...store,
        put: (key, bytes, options) => {
          if (!key.endsWith('master.m3u8')) expect(written).not.toContain(key);
          written.add(key);
          return store.put(key, bytes, options);
        },
      };
      const versions = async () =>
        (await readdir(join(root, 'film'))).filter((name) => name.startsWith('108p')).sort();
      const at = (second: number) => ({
        store: watched,
        now: () => new Date(second * 1000),
        versionSuffix: () => '0000',
      });
      await publish(at(1), { inputs: [first], name: 'film' });
      const old = await readFile(join(root, 'film/master.m3u8'), 'utf8');
      const failing: ObjectStore = {
        ...watched,
        put: (key, bytes) =>
          key.endsWith('1.m4s') ? Promise.reject(new Error('full')) : store.put(key, bytes),
      };
      await expect(publish({ ...at(2), store: failing }, { inputs: [second], name: 'film' })).rejects.toThrow(
        'full',
      );
      expect(await readFile(join(root, 'film/master.m3u8'), 'utf8')).toBe(old);
      expect(await versions()).toHaveLength(1);
      await publish(at(3), { inputs: [second], name: 'film' });
      expect(await versions()).toHaveLength(2);
      await publish(at(4), { inputs: [first], name: 'film' });
      expect(await versions()).toEqual(['108p-19700101T000003-0000', '108p-19700101T000004-0000']);
    },
  );
});

describe('memory', { timeout: 60_000 }, () => {
  itWithFfmpeg('of reads is bounded by a segment: both tracks in one read', async () => {
    const source = await clip('reads.mp4', ...CLIP, ...X264, '-c:a', 'aac');
    const file = await openFileSource(source);
    const reads: number[] = [];
    const counted = {
      ...file,
      read: (position: number, length: number) => {
        reads.push(length);
        return file.read(position, length);
      },
    };
    const presentation = planPresentation([await probe(counted)], 2);
    reads.length = 0;
    let largest = 0;
    for await (const segment of packageSegments(presentation))
      largest = Math.max(largest, segment.bytes.length);
    expect(reads).toHaveLength(4);
    expect(Math.max(...reads)).toBeLessThan(largest * 2);
    await file.close();
  });
});
