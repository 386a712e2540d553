import type { Registry } from 'prom-client';
import type { Clock, Timers } from '../components.js';
import type { CacheConfig } from '../config/edge-config.js';
import { type BackingStore, NO_BACKING_STORE } from '../fill/backing-store.js';
import type { Log } from '../telemetry/log.js';
import { createDiskBacking } from './disk-backing.js';
import { registerDiskMetrics } from './disk-metrics.js';
import { openDiskTier } from './open-disk-tier.js';
import { slowFileSystem } from './slow-file-system.js';
import { startWriter } from './writer/writer.js';

export interface OpenBackingComponents {
  readonly log: Log;
  readonly timers: Timers;
  /** Since the epoch. */
  readonly wallClock: Clock;
  readonly registry: Registry;
  /** Milliseconds that each read takes longer, for benches. */
  readonly readDelayMs?: number;
}

export interface OpenedBacking {
  readonly backing: BackingStore;
  close(): Promise<void>;
}

/** What stands behind memory: the folder of `cache.dir`, or nothing. @throws FolderInUseError */
export async function openBacking(
  { log, timers, wallClock, registry, readDelayMs = 0 }: OpenBackingComponents,
  { dir: folder, diskBytes: limitBytes, diskObjects: maxObjects, memoryBytes }: CacheConfig,
): Promise<OpenedBacking> {
  if (folder === undefined) return { backing: NO_BACKING_STORE, close: async () => {} };
  const writer = startWriter();
  const files = readDelayMs > 0 ? slowFileSystem(writer.files, timers, readDelayMs) : writer.files;
  const disk = await openDiskTier(
    { log, timers, wallClock, files },
    { folder, limitBytes, maxObjects },
  ).catch(async (error: unknown) => {
    await writer.close();
    throw error;
  });
  const close = async (): Promise<void> => {
    await disk.close();
    await writer.close();
  };
  registerDiskMetrics({ registry, stats: () => disk.stats });
  return { backing: createDiskBacking({ disk, wallClock, log }, { memoryBytes }), close };
}
