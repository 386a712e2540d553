import { mkdir } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { InsightError } from '../errors.js';

/** Insight shares a machine with the media: one core and little memory at most. */
const SETTINGS = { threads: '1', memory_limit: '512MB' };

/** Files that this process holds: the file lock only keeps other processes out. */
const held = new Set<string>();

export interface OpenDatabase {
  readonly instance: DuckDBInstance;
  close(): void;
}

/** @throws InsightError that names the file and says what to do. */
export async function openDatabase(file: string): Promise<OpenDatabase> {
  if (file === ':memory:') {
    const instance = await DuckDBInstance.create(file, SETTINGS);
    return { instance, close: () => instance.closeSync() };
  }
  const path = resolve(file);
  if (held.has(path)) {
    throw new InsightError('store-locked', `${path} is open in this process already: use another file.`);
  }
  held.add(path);
  try {
    await mkdir(dirname(path), { recursive: true });
    const instance = await DuckDBInstance.create(path, SETTINGS);
    return {
      instance,
      close() {
        instance.closeSync();
        held.delete(path);
      },
    };
  } catch (error) {
    held.delete(path);
    throw openError(error, path);
  }
}

function openError(cause: unknown, file: string): InsightError {
  const message = cause instanceof Error ? cause.message : String(cause);
  if (message.includes('Could not set lock')) {
    const holder = /\(PID (\d+)\)/.exec(message)?.[1];
    const who = holder === undefined ? 'another process' : `another process (PID ${holder})`;
    const advice = 'stop that one, or give this edge a folder of its own (dataDir)';
    return new InsightError('store-locked', `${file} is held by ${who}: ${advice}.`, { cause });
  }
  if (message.includes('not a valid DuckDB database')) {
    const advice = 'move it away, and a new one is made';
    return new InsightError('store-unreadable', `${file} is not a DuckDB database: ${advice}.`, { cause });
  }
  if (isFull(message)) return fullError(file, cause);
  const advice = 'see that its folder exists, may be written to, and holds no damaged file';
  return new InsightError('store-unwritable', `${file} cannot be opened: ${advice} (${message}).`, { cause });
}

/** What a failed statement means. */
export function statementError(cause: unknown, file: string): InsightError {
  if (cause instanceof InsightError) return cause;
  const message = cause instanceof Error ? cause.message : String(cause);
  if (isFull(message)) return fullError(file, cause);
  return new InsightError('store-failed', `${file}: ${message}`, { cause });
}

/** After these DuckDB refuses everything until the file is opened again. */
export function isFatal(error: unknown): boolean {
  return error instanceof Error && /FATAL|has been invalidated/.test(error.message);
}

function isFull(message: string): boolean {
  return /no space left|disk quota|out of disk/i.test(message);
}

function fullError(file: string, cause: unknown): InsightError {
  const message = `The disk of ${file} is full: free some space. What was stored is safe, new beacons are refused.`;
  return new InsightError('store-full', message, { cause });
}
