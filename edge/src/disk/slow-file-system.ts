import type { Timers } from '../components.js';
import type { DiskFileSystem } from './file-system.js';

/** The same file system, whose every read takes `delayMs` longer: what a tired disk does to those who wait for it. */
export function slowFileSystem(files: DiskFileSystem, timers: Timers, delayMs: number): DiskFileSystem {
  return {
    ...files,
    read: async (file, into, position) => {
      await new Promise<void>((resolve) => void timers.after(delayMs, resolve));
      return files.read(file, into, position);
    },
  };
}
