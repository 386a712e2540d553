import type { Registry } from 'prom-client';
import { MemoryTier, type ObjectTier, sizeInMemory } from '../cache/memory-tier.js';
import { isPlain } from '../cache/stored-response.js';
import { VaryIndex } from '../cache/vary.js';
import type { Clock, Timers } from '../components.js';
import type { EdgeConfig } from '../config/edge-config.js';
import { mayBeReplaced } from '../digests/reused-name.js';
import { createSegmentDigests, type SegmentDigests } from '../digests/segment-digests.js';
import { openBacking } from '../disk/open-backing.js';
import type { BackingStore } from '../fill/backing-store.js';
import { FillMemory } from '../fill/fill-memory.js';
import { FillTable } from '../fill/fill-table.js';
import { Filler } from '../fill/filler.js';
import { PassMarks } from '../fill/pass-marks.js';
import { hitFields } from '../http/hit-path.js';
import type { Site } from '../http/site.js';
import { fillsAhead } from '../prefetch/fills-ahead.js';
import { registerPrefetchMetrics } from '../prefetch/metrics.js';
import { createPrefetcher, type Prefetcher } from '../prefetch/prefetcher.js';
import { createPurge, type Purge, type PurgedNames } from '../purge/purge.js';
import type { Sites } from '../sites/sites.js';
import { EdgeCounters, UpstreamTally } from '../telemetry/edge-counters.js';
import type { Log } from '../telemetry/log.js';
import { SharedGarbage, threadCollector } from '../workers/shared-garbage.js';
import { SharedTier } from '../workers/shared-tier.js';

export interface CacheComponents {
  readonly sites: Sites;
  readonly log: Log;
  /** Monotonic. */
  readonly clock: Clock;
  /** Since the epoch. */
  readonly wallClock: Clock;
  readonly timers: Timers;
  readonly registry: Registry;
  /** The site whose hits other threads answer too: then bodies lie in memory that all can read. */
  readonly sharedFor?: Site | undefined;
  /** Resolves when the other threads have dropped what the tier has. */
  readonly synced?: () => Promise<void>;
  /** Hears what hard purges hit. */
  readonly onPurged: (names: PurgedNames) => void;
}

/** Everything that holds objects and brings them. */
export interface Cache {
  readonly counters: EdgeCounters;
  readonly tally: UpstreamTally;
  readonly tier: ObjectTier;
  /** Undefined: no other threads are told of hits. */
  readonly sharedTier: SharedTier | undefined;
  readonly backing: BackingStore;
  readonly table: FillTable;
  readonly marks: PassMarks;
  readonly varies: VaryIndex;
  readonly memory: FillMemory;
  readonly digests: SegmentDigests;
  readonly filler: Filler;
  readonly purge: Purge;
  /** Hears of each GET of a site's target, hit or miss. */
  onRequest(site: Site, target: string): void;
  close(): Promise<void>;
}

/** Digests held: a day of 6 s segments of ten renditions, twice. About 100 MB when full. */
const MAX_DIGESTS = 250_000;

/** @throws FolderInUseError */
export async function composeCache(
  { sites, log, clock, wallClock, timers, registry, sharedFor, synced, onPurged }: CacheComponents,
  { name: edgeName, cache, limits, prefetch: prefetchConfig }: EdgeConfig,
): Promise<Cache> {
  const readDelayMs = Number(process.env.EDDY_TEST_DISK_DELAY_MS ?? 0);
  const disk = await openBacking({ log, timers, wallClock, registry, readDelayMs }, cache);
  const { backing } = disk;
  const { memoryBytes: limitBytes, policy } = cache;
  const tally = new UpstreamTally({ clock });
  const memoryTier = new MemoryTier({ limitBytes, sizeOf: sizeInMemory, policy });
  const sharedTier =
    sharedFor === undefined
      ? undefined
      : new SharedTier({
          inner: memoryTier,
          garbage: new SharedGarbage({ collect: threadCollector() }),
          fieldsOf: (object, age, cacheStatus) => hitFields(object, sharedFor, age, cacheStatus),
        });
  const tier: ObjectTier = sharedTier ?? memoryTier;
  const table = new FillTable({ maxFills: limits.fills });
  const marks = new PassMarks({ clock });
  const varies = new VaryIndex();
  const memory = new FillMemory({ limitBytes: limits.fillBytes });
  const digests = createSegmentDigests(
    {
      readCached: (path) => plainBody(tier, path),
      tagsOf: (path) => tier.peek(path)?.tags ?? [],
      isStale: (path) => {
        const object = tier.peek(path);
        return object !== undefined && mayBeReplaced(object, wallClock.now());
      },
    },
    { maxSegments: MAX_DIGESTS },
  );
  const filler = new Filler({
    ...{ tier, backing, table, marks, varies, memory, digests, tally, wallClock },
    allocate: (bytes) =>
      sharedTier === undefined ? Buffer.allocUnsafeSlow(bytes) : Buffer.from(new SharedArrayBuffer(bytes)),
    onFailure: (fill, error) => log.warn({ path: fill.path, reason: error.code, err: error }, 'fill failed'),
    onStored: ({ head, path, body }) => {
      if (head.status === 200) prefetcher.onStored(path, body);
    },
  });
  const prefetcher: Prefetcher = createPrefetcher(
    {
      ...fillsAhead({ tier, backing, table, filler, wallClock, sites: sites.all }, { edgeName }),
      clock,
      originIsWell: () => sites.health().members.every(({ breaker }) => breaker === 'closed'),
    },
    prefetchConfig,
  );
  registerPrefetchMetrics(registry, () => prefetcher.stats);
  return {
    ...{
      counters: new EdgeCounters(),
      tally,
      tier,
      sharedTier,
      backing,
      table,
      marks,
      varies,
      memory,
      digests,
      filler,
    },
    purge: createPurge({
      ...{ tier, backing, table, marks, digests, wallClock },
      ...(synced === undefined ? {} : { alsoFrom: [synced] }),
      onPurged,
    }),
    onRequest: ({ prefix }, target) => prefetcher.onRequest(prefix + withoutQuery(target)),
    close: () => disk.close(),
  };
}

function withoutQuery(target: string): string {
  const mark = target.indexOf('?');
  return mark === -1 ? target : target.slice(0, mark);
}

/** The body that players get byte for byte, which a compressed one is not. */
function plainBody(tier: ObjectTier, path: string): Buffer | undefined {
  const object = tier.peek(path);
  if (object === undefined || !isPlain(object)) return undefined;
  return object.head.contentEncoding === undefined ? object.body : undefined;
}
