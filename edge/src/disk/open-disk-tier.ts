import { type Clock, systemTimers, wallClock as systemWallClock, type Timers } from '../components.js';
import type { Log } from '../telemetry/log.js';
import { boundFileSystem } from './bounded-file-system.js';
import type { DiskTier } from './disk-tier.js';
import { type DiskFileSystem, nodeFileSystem } from './file-system.js';
import { FolderTier, type FolderTierOptions } from './folder-tier.js';

export interface DiskTierComponents {
  readonly log: Log;
  readonly files?: DiskFileSystem;
  readonly timers?: Timers;
  /** Since the epoch. */
  readonly wallClock?: Clock;
}

/** Each limit has its reason in `DEFAULTS`. */
export interface DiskTierOptions extends Partial<FolderTierOptions> {
  /** Made if it is missing. No other program is to put anything there. */
  readonly folder: string;
  readonly limitBytes: number;
}

const MIB = 1024 * 1024;

const DEFAULTS = {
  /** The index takes about 300 MB then. */
  maxObjects: 1_000_000,
  /** Bodies that wait for the disk are held in memory. */
  writeQueueBytes: 64 * MIB,
  /** Threads of the pool that disk work may hold: one is left for DNS and everything else. */
  atOnce: Math.max(1, poolThreads() - 1),
  /** On their way to the thread that writes, which takes them together. */
  writesAtOnce: 64,
  /** A slow disk makes misses rather than a queue. */
  waitingReads: 1024,
  openFiles: 2048,
  /** Order of use within ten minutes is not worth a write for each read. */
  touchMs: 600_000,
  idleBufferBytes: 32 * MIB,
  pieceBytes: 512 * 1024,
  lentBytes: 64 * MIB,
  retryMs: 1000,
  retryMaxMs: 30_000,
} as const;

/**
 * Resolves at once while the folder is being indexed; goes without disk while it cannot be used.
 *
 * @throws FolderInUseError if another running edge has the folder.
 */
export async function openDiskTier(
  components: DiskTierComponents,
  options: DiskTierOptions,
): Promise<DiskTier> {
  const settings = { ...DEFAULTS, ...options };
  const { log, timers = systemTimers, wallClock = systemWallClock } = components;
  const files = boundFileSystem(components.files ?? nodeFileSystem, settings);
  const tier = new FolderTier({ files, timers, wallClock, log }, settings);
  await tier.start();
  return tier;
}

/** Of libuv, which takes 4 if it is told nothing. */
function poolThreads(): number {
  const told = Number(process.env.UV_THREADPOOL_SIZE);
  return Number.isInteger(told) && told > 0 ? told : 4;
}
