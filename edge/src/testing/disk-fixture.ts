import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Timers } from '../components.js';
import type { DiskTier } from '../disk/disk-tier.js';
import { type DiskFileSystem, nodeFileSystem, placeWith } from '../disk/file-system.js';
import { type DiskTierOptions, openDiskTier } from '../disk/open-disk-tier.js';
import { SILENT_LOG } from '../telemetry/log.js';
import type { Cleanup } from './edge-fixture.js';

/** Throwing makes the call fail; a promise delays it. */
export type FileHook = (path: string) => Promise<void> | void;

/** The real file system, but for what the hooks do before a call. */
export class FaultyFileSystem implements DiskFileSystem {
  readonly hooks: Partial<Record<keyof DiskFileSystem, FileHook>> = {};
  /** A write that finds the disk full after so many bytes of it. */
  tearAfterBytes: number | undefined;
  readonly calls: Partial<Record<keyof DiskFileSystem, number>> = {};
  readonly #paths: Map<number, string> = new Map();

  async open(...args: Parameters<DiskFileSystem['open']>): Promise<number> {
    await this.#before('open', args[0]);
    const file = await nodeFileSystem.open(...args);
    this.#paths.set(file, args[0]);
    return file;
  }

  async close(file: number): Promise<void> {
    await this.#before('close', this.#pathOf(file));
    this.#paths.delete(file);
    await nodeFileSystem.close(file);
  }

  async read(file: number, into: Uint8Array, position: number): Promise<number> {
    await this.#before('read', this.#pathOf(file));
    return nodeFileSystem.read(file, into, position);
  }

  async write(file: number, parts: readonly Uint8Array[], position: number): Promise<void> {
    await this.#before('write', this.#pathOf(file));
    if (this.tearAfterBytes === undefined) return nodeFileSystem.write(file, parts, position);
    const torn = Buffer.concat(parts).subarray(0, this.tearAfterBytes);
    await nodeFileSystem.write(file, [torn], position);
    throw systemError('ENOSPC');
  }

  place(from: string, to: string, parts: readonly Uint8Array[]): Promise<void> {
    return placeWith(this, from, to, parts);
  }

  async stat(file: number): ReturnType<DiskFileSystem['stat']> {
    await this.#before('stat', this.#pathOf(file));
    return nodeFileSystem.stat(file);
  }

  async touch(file: number, timeMs: number): Promise<void> {
    await this.#before('touch', this.#pathOf(file));
    return nodeFileSystem.touch(file, timeMs);
  }

  async rename(from: string, to: string): Promise<void> {
    await this.#before('rename', to);
    return nodeFileSystem.rename(from, to);
  }

  async link(path: string, second: string): Promise<void> {
    await this.#before('link', second);
    return nodeFileSystem.link(path, second);
  }

  async unlink(path: string): Promise<void> {
    await this.#before('unlink', path);
    return nodeFileSystem.unlink(path);
  }

  async list(folder: string): Promise<readonly string[]> {
    await this.#before('list', folder);
    return nodeFileSystem.list(folder);
  }

  async makeFolder(folder: string): Promise<void> {
    await this.#before('makeFolder', folder);
    return nodeFileSystem.makeFolder(folder);
  }

  async syncFolder(folder: string): Promise<void> {
    await this.#before('syncFolder', folder);
    return nodeFileSystem.syncFolder(folder);
  }

  async #before(operation: keyof DiskFileSystem, path: string): Promise<void> {
    this.calls[operation] = (this.calls[operation] ?? 0) + 1;
    await this.hooks[operation]?.(path);
  }

  #pathOf(file: number): string {
    return this.#paths.get(file) ?? '';
  }
}

export function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: as the test wants it`), { code });
}

/** Passes when it is opened. */
export class Gate {
  readonly passed: Promise<void>;
  #open: () => void = () => undefined;

  constructor() {
    this.passed = new Promise((done) => {
      this.#open = done;
    });
  }

  open(): void {
    this.#open();
  }
}

/** Timers that go off when the test says so. */
export class ManualTimers implements Timers {
  readonly #pending: Set<{ readonly ms: number; readonly run: () => void }> = new Set();

  after(ms: number, run: () => void): () => void {
    const timer = { ms, run };
    this.#pending.add(timer);
    return () => this.#pending.delete(timer);
  }

  /** All that wait for `ms`. */
  fire(ms: number): void {
    for (const timer of [...this.#pending].filter((one) => one.ms === ms)) {
      this.#pending.delete(timer);
      timer.run();
    }
  }

  get waits(): readonly number[] {
    return Array.from(this.#pending, ({ ms }) => ms);
  }
}

export interface TestTier {
  readonly tier: DiskTier;
  readonly files: FaultyFileSystem;
  readonly timers: ManualTimers;
  /** Since the epoch. */
  readonly time: { now: number };
}

/** A tier that is closed with the test, and is not indexed yet. */
export async function openTestTier(
  cleanup: Cleanup,
  options: DiskTierOptions,
  files: FaultyFileSystem = new FaultyFileSystem(),
): Promise<TestTier> {
  const timers = new ManualTimers();
  const time = { now: Date.now() };
  const wallClock = { now: () => time.now };
  const tier = await openDiskTier({ log: SILENT_LOG, files, timers, wallClock }, options);
  cleanup.add(() => tier.close());
  return { tier, files, timers, time };
}

/** Bytes that differ at every place and follow from the key. */
export function bodyFor(key: string, bytes: number): Buffer {
  const body = Buffer.alloc(bytes);
  let seed = createHash('sha256').update(key).digest().readUInt32LE(0) | 1;
  for (let at = 0; at < bytes; at++) {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) | 0;
    body[at] = seed >>> 24;
  }
  return body;
}

/** Every object file below the tier's folder. */
export async function objectFiles(folder: string): Promise<string[]> {
  const names = await readdir(join(folder, 'v1'), { recursive: true });
  return names
    .filter((name) => /^[0-9a-f]{2}\/[0-9a-f]{32}$/.test(name))
    .map((name) => join(folder, 'v1', name));
}

/** Lets I/O go on until `holds`; the test's own timeout ends what never does. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((turn) => setTimeout(turn, 2));
}
