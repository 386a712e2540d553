import { z } from 'zod';
import { expired, freshnessOf, type StoredResponse } from '../cache/stored-response.js';
import type { Clock } from '../components.js';
import type { BackingHit, BackingStore } from '../fill/backing-store.js';
import type { PurgeMatch } from '../fill/fill.js';
import type { LentBody } from '../fill/lent-body.js';
import type { Log } from '../telemetry/log.js';
import type { DiskMatch, DiskTier, OpenedObject } from './disk-tier.js';
import { MemoryAdmission } from './memory-admission.js';

export interface DiskBackingComponents {
  readonly disk: DiskTier;
  /** Since the epoch. */
  readonly wallClock: Clock;
  readonly log: Log;
}

export interface DiskBackingOptions {
  /** Of the memory that hits on disk may enter. */
  readonly memoryBytes: number;
}

/** What lives shorter is gone before it could be read again, and is small: live playlists, mostly. */
const MIN_LIFE_MS = 10_000;
const NO_BODY = Buffer.alloc(0);

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
export function createDiskBacking(
  { disk, wallClock, log }: DiskBackingComponents,
  options: DiskBackingOptions,
): BackingStore {
  const admission = new MemoryAdmission(options);
  /** By the buffer of the meta, which is the same as long as the file is kept open. */
  const decoded = new WeakMap<Buffer, StoredResponse>();
  const failed = (error: unknown): void => log.error({ err: error }, 'disk failed');

  function write(object: StoredResponse): void {
    if (!worthWriting(object)) return;
    const { key, tags, body } = object;
    // Never rejects: what is not written is counted, and missed later.
    void disk.write(key, { meta: encode(object), tags: tags.join(' '), body });
  }

  async function read(key: string): Promise<BackingHit | undefined> {
    const hit = await disk.read(key);
    const object = hit && decodeObject(key, hit.meta, hit.body);
    return object && { object, toMemory: false, lent: undefined };
  }

  async function purge(matches: PurgeMatch): Promise<string[]> {
    return [...(await disk.deleteWhere(matchOf(matches)))];
  }

  return {
    mayHave: (key) => disk.mayHave(key),
    read,
    async open(key) {
      const opened = await disk.open(key);
      if (opened === undefined) return undefined;
      const { meta, bodyBytes, whole } = opened;
      const object = decoded.get(meta) ?? decodeObject(key, meta, NO_BODY);
      if (object === undefined) {
        opened.release();
        return undefined;
      }
      decoded.set(meta, object);
      const toMemory = admission.read(key, bodyBytes);
      if (whole !== undefined) {
        opened.release();
        return { object: { ...object, body: whole, rendered: undefined }, toMemory, lent: undefined };
      }
      // Memory wants the body, and so does a revalidation, which may put it there.
      if (toMemory || !canBeLent(object, bodyBytes) || !freshnessOf(object, wallClock.now()).fresh) {
        opened.release();
        const hit = await read(key);
        return hit && { ...hit, toMemory };
      }
      return { object, toMemory, lent: lentBody(opened) };
    },
    openKnown(key) {
      if (admission.isNext(key)) return undefined;
      const opened = disk.openKnown(key);
      if (opened === undefined) return undefined;
      const object = decoded.get(opened.meta);
      const isFresh = object !== undefined && freshnessOf(object, wallClock.now()).fresh;
      if (object === undefined || !isFresh || !canBeLent(object, opened.bodyBytes)) {
        opened.release();
        return undefined;
      }
      admission.read(key, opened.bodyBytes);
      return { object, lent: lentBody(opened) };
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

/** Its length must be known from its head, which goes out first. */
function canBeLent({ head }: StoredResponse, bodyBytes: number): boolean {
  return bodyBytes > 0 && head.totalBytes === bodyBytes;
}

function lentBody({ pieces, hold, release }: OpenedObject): LentBody {
  return { read: ({ start, end }) => pieces(start, end + 1), hold, release };
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

function decodeObject(key: string, raw: Buffer, body: Buffer): StoredResponse | undefined {
  const meta = decode(raw);
  return meta && toObject(key, meta, body);
}

function toObject(key: string, { head, slices, ...meta }: Meta, body: Buffer): StoredResponse {
  const { etag, lastModified, contentEncoding, totalBytes } = head;
  return {
    ...{ key, ...meta, body, slices, refusal: undefined, rendered: undefined },
    head: { ...head, etag, lastModified, contentEncoding, totalBytes },
  };
}
