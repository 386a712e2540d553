import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import { expired, type StoredResponse } from '../cache/stored-response.js';
import type { Clock } from '../components.js';
import type { BackingStore } from '../fill/backing-store.js';
import type { PurgeMatch } from '../fill/fill.js';
import type { Log } from '../telemetry/log.js';
import type { DiskMatch, DiskTier } from './disk-tier.js';

export interface DiskBackingComponents {
  readonly disk: DiskTier;
  /** Since the epoch. */
  readonly wallClock: Clock;
  readonly log: Log;
}

/** What lives shorter is gone before it could be read again, and is small: live playlists, mostly. */
const MIN_LIFE_MS = 10_000;
/** Objects whose first read from disk is remembered; the second brings them into memory. */
const REMEMBERED_READS = 16_384;

const FINITE = z.number();
const HEAD = z.object({
  status: z.number().int(),
  fields: z.array(z.string()),
  etag: z.string().optional(),
  lastModified: z.string().optional(),
  contentEncoding: z.string().optional(),
  dateMs: FINITE,
  initialAgeMs: FINITE,
  totalBytes: FINITE.optional(),
});
const META = z.object({
  path: z.string(),
  head: HEAD,
  lifetime: z.object({ freshMs: FINITE, staleWhileRevalidateMs: FINITE, staleIfErrorMs: FINITE }),
  tags: z.array(z.string()),
  vary: z.array(z.string()),
  receivedAtMs: FINITE,
  slices: z.object({ sliceBytes: FINITE, version: z.string() }).optional(),
});
type Meta = z.output<typeof META>;

/** Stored responses on disk: written as they come, read when memory has them no more. */
export function createDiskBacking({ disk, wallClock, log }: DiskBackingComponents): BackingStore {
  const readOnce = new LRUCache<string, true>({ max: REMEMBERED_READS });
  const failed = (error: unknown): void => log.error({ err: error }, 'disk failed');

  function write(object: StoredResponse): void {
    if (!worthWriting(object)) return;
    const { key, tags, body } = object;
    // Never rejects: what is not written is counted, and missed later.
    void disk.write(key, { meta: encode(object), tags: tags.join(' '), body });
  }

  async function purge(matches: PurgeMatch): Promise<string[]> {
    return [...(await disk.deleteWhere(matchOf(matches)))];
  }

  return {
    mayHave: (key) => disk.mayHave(key),
    async read(key) {
      const hit = await disk.read(key);
      if (hit === undefined) return undefined;
      const meta = decode(hit.meta);
      if (meta === undefined) return undefined;
      const again = readOnce.has(key);
      if (again) readOnce.delete(key);
      else readOnce.set(key, true);
      return { object: toObject(key, meta, hit.body), again };
    },
    write,
    refresh(object) {
      // It may have come from memory, and never have been written.
      void disk
        .updateMeta(object.key, () => encode(object))
        .then((did) => {
          if (!did) write(object);
        });
    },
    delete(key) {
      if (disk.mayHave(key)) disk.delete(key).catch(failed);
    },
    purge,
    async expire(matches) {
      const nowMs = wallClock.now();
      return [
        ...(await disk.updateWhere(matchOf(matches), (raw) => {
          const meta = decode(raw);
          return meta === undefined ? undefined : encode(expired(toObject('', meta, Buffer.alloc(0)), nowMs));
        })),
      ];
    },
  };
}

/** Keys begin with the path; what comes behind it begins with a character that no path has. */
function matchOf(matches: PurgeMatch): DiskMatch {
  return ({ key, tags }) => matches({ path: /^[^?\n]*/.exec(key)?.[0] ?? key, tags: tags.split(' ') });
}

function worthWriting({ refusal, lifetime, head }: StoredResponse): boolean {
  const { freshMs, staleIfErrorMs, staleWhileRevalidateMs } = lifetime;
  return (
    refusal === undefined &&
    freshMs + Math.max(staleIfErrorMs, staleWhileRevalidateMs) - head.initialAgeMs >= MIN_LIFE_MS
  );
}

function encode({ path, head, lifetime, tags, vary, receivedAtMs, slices }: StoredResponse): Buffer {
  return Buffer.from(JSON.stringify({ path, head, lifetime, tags, vary, receivedAtMs, slices }));
}

function decode(raw: Buffer): Meta | undefined {
  try {
    const parsed = META.safeParse(JSON.parse(raw.toString()));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}

function toObject(key: string, { head, slices, ...meta }: Meta, body: Buffer): StoredResponse {
  const { etag, lastModified, contentEncoding, totalBytes } = head;
  return {
    ...{ key, ...meta, body, slices, refusal: undefined, rendered: undefined },
    head: { ...head, etag, lastModified, contentEncoding, totalBytes },
  };
}
