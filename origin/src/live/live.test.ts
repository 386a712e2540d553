import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { OriginError } from '../errors.js';
import { folderStore } from '../storage/folder-store.js';
import type { ObjectStore } from '../storage/object-store.js';
import { FakeClock } from '../testing/fake-clock.js';
import { ffmpeg, frames, itWithFfmpeg } from '../testing/ffmpeg.js';
import { temporaryFolder } from '../testing/temporary.js';
import { type LiveEvent, live } from './live.js';

const folder = temporaryFolder();
const START = Date.UTC(2026, 0, 1);

async function clip(name: string, seconds = 7): Promise<string> {
  const path = join(folder.path, name);
  const source = [
    '-f',
    'lavfi',
    '-i',
    `testsrc2=s=128x72:r=25:d=${seconds}`,
    '-f',
    'lavfi',
    '-i',
    `sine=440:r=44100:d=${seconds}`,
  ];
  await ffmpeg(
    ...source,
    '-c:v',
    'libx264',
    '-preset',
    'ultrafast',
    '-bf',
    '2',
    '-g',
    '50',
    '-c:a',
    'aac',
    path,
  );
  return path;
}

/** Runs a stream under fake time until `until` says so, then ends it. */
async function runLive(
  store: ObjectStore,
  input: string,
  nowMs: number,
  until: (event: LiveEvent, events: readonly LiveEvent[]) => boolean,
): Promise<LiveEvent[]> {
  const stopping = new AbortController();
  const events: LiveEvent[] = [];
  const clock = new FakeClock(nowMs);
  await live(
    {
      store,
      clock,
      onEvent: (event) => {
        events.push(event);
        if (until(event, events)) stopping.abort();
      },
    },
    { inputs: [input], name: 'tv', window: 4, signal: stopping.signal },
  );
  return events;
}

const segments = (events: readonly LiveEvent[]) => events.filter((event) => event.type === 'segment');
const tag = (text: string, name: string): number =>
  Number(new RegExp(`#EXT-X-${name}:(\\d+)`).exec(text)?.[1]);

describe('live', { timeout: 60_000 }, () => {
  itWithFfmpeg(
    'slides a window in real time, with dates, and keeps what players may still want',
    async () => {
      const root = join(folder.path, 'slides');
      const store = folderStore(root);
      const input = await clip('slides.mp4');
      const texts: string[] = [];
      const watched: ObjectStore = {
        ...store,
        put: async (key, bytes, options) => {
          await store.put(key, bytes, options);
          if (!key.endsWith('72p/index.m3u8')) return;
          const text = Buffer.from(bytes).toString();
          texts.push(text);
          for (const [uri] of text.matchAll(/^\d+\.m4s$/gm))
            expect(await store.head(`tv/72p/${uri}`)).toBeDefined();
        },
      };
      await runLive(watched, input, START, (_, events) => segments(events).length === 20);
      const last = texts.at(-2) ?? '';
      expect(last.match(/#EXTINF/g)).toHaveLength(4);
      expect(last).not.toContain('ENDLIST');
      expect(texts.at(-1)).toContain('#EXT-X-ENDLIST');
      for (const [index, text] of texts.slice(1, -1).entries()) {
        const before = texts[index] ?? '';
        expect(tag(text, 'MEDIA-SEQUENCE') - tag(before, 'MEDIA-SEQUENCE')).toBe(index < 3 ? 0 : 1);
        expect(tag(text, 'TARGETDURATION')).toBe(2);
      }
      const dates = [...last.matchAll(/DATE-TIME:(\S+)/g)].map(([, date]) => Date.parse(date ?? ''));
      expect(dates[0]).toBeGreaterThan(START);
      expect((dates[1] ?? 0) - (dates[0] ?? 0)).toBeLessThanOrEqual(2000);
      const stored = (await readdir(join(root, 'tv/72p'))).filter((name) => name.endsWith('.m4s'));
      expect(stored.length).toBeLessThanOrEqual(4 + 4 + 2);
    },
  );

  itWithFfmpeg('goes on over the loop without a gap in picture or sound', async () => {
    const root = join(folder.path, 'gap');
    const input = await clip('gap.mp4');
    await runLive(folderStore(root), input, START, (_, events) => segments(events).length === 9);
    const folderOf = (label: string): string => join(root, 'tv', label);
    const all = async (label: string, kind: 'v' | 'a') => {
      const names = (await readdir(folderOf(label))).filter((name) => name.endsWith('.m4s')).sort();
      const init = (await readdir(folderOf(label))).find((name) => name.startsWith('init-')) ?? '';
      const lines = names.flatMap((name) => ['#EXTINF:2,', name]);
      const path = join(folderOf(label), 'all.m3u8');
      await writeFile(
        path,
        [
          '#EXTM3U',
          '#EXT-X-VERSION:7',
          '#EXT-X-TARGETDURATION:2',
          `#EXT-X-MAP:URI="${init}"`,
          ...lines,
          '#EXT-X-ENDLIST',
          '',
        ].join('\n'),
      );
      return frames(path, kind);
    };
    const picture = await all('72p', 'v');
    const original = await frames(input, 'v');
    expect(picture.slice(0, 175).map(({ hash }) => hash)).toEqual(original.map(({ hash }) => hash));
    expect(picture.slice(175, 350).map(({ hash }) => hash)).toEqual(original.map(({ hash }) => hash));
    expect(new Set(picture.slice(1).map(({ pts }, index) => pts - (picture[index]?.pts ?? 0)))).toEqual(
      new Set([1]),
    );
    const sound = await all('audio', 'a');
    expect(new Set(sound.slice(1).map(({ pts }, index) => pts - (sound[index]?.pts ?? 0)))).toEqual(
      new Set([1024]),
    );
  });

  itWithFfmpeg('never stores other bytes under a name, also when it starts again', async () => {
    const root = join(folder.path, 'again');
    const store = folderStore(root);
    const names = new Set<string>();
    const watched: ObjectStore = {
      ...store,
      put: (key, bytes, options) => {
        if (!key.endsWith('.m3u8')) expect(names).not.toContain(key);
        names.add(key);
        return store.put(key, bytes, options);
      },
    };
    const input = await clip('again.mp4');
    await runLive(watched, input, START, (_, events) => segments(events).length === 6);
    const before = await readFile(join(root, 'tv/72p/index.m3u8'), 'utf8');
    await runLive(watched, input, START + 1000, (_, events) => segments(events).length === 9);
    const after = await readFile(join(root, 'tv/72p/index.m3u8'), 'utf8');
    expect(tag(after, 'MEDIA-SEQUENCE')).toBeGreaterThan(tag(before, 'MEDIA-SEQUENCE'));
    expect(tag(after, 'DISCONTINUITY-SEQUENCE')).toBe(1);
    expect((await readdir(join(root, 'tv/72p'))).filter((name) => name.startsWith('init-'))).toHaveLength(1);
  });

  itWithFfmpeg('survives a store that fails for a while, and says so', async () => {
    const store = folderStore(join(folder.path, 'outage'));
    let failures = 0;
    const flaky: ObjectStore = {
      ...store,
      put: (key, bytes, options) => {
        const number = /(\d+)\.m4s$/.exec(key)?.[1];
        if (number?.endsWith('5') && failures < 5) {
          failures += 1;
          return Promise.reject(new OriginError('storage', 'The disk is full.'));
        }
        return store.put(key, bytes, options);
      },
    };
    const events = await runLive(
      flaky,
      await clip('outage.mp4'),
      START,
      (_, all) => segments(all).length === 14,
    );
    const kinds = events.map(({ type }) => type);
    expect(kinds.filter((type) => type === 'store-error')).toHaveLength(5);
    expect(kinds).toContain('store-recovered');
    const sequences = segments(events).map((event) => (event.type === 'segment' ? event.sequence : 0));
    expect(sequences).toEqual(sequences.map((_, index) => (sequences[0] ?? 0) + index));
    expect(events.at(-1)).toEqual({ type: 'ended', segments: 14 });
  });
});
