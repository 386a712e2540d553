import type { DiskFileSystem } from './file-system.js';
import { Slots } from './slots.js';

/**
 * At most `atOnce` calls at a time; others wait their turn. Each call holds a thread of the one pool that DNS and file
 * upstreams need too, and a disk that hangs would take them all.
 */
export function boundFileSystem(
  files: DiskFileSystem,
  { atOnce }: { readonly atOnce: number },
): DiskFileSystem {
  const slots = new Slots({ count: atOnce });
  return {
    open: (path, mode) => slots.run(() => files.open(path, mode)),
    close: (file) => slots.run(() => files.close(file)),
    read: (file, into, position) => slots.run(() => files.read(file, into, position)),
    write: (file, parts, position) => slots.run(() => files.write(file, parts, position)),
    // Holds no thread of the pool: it has one of its own.
    place: (from, to, parts) => files.place(from, to, parts),
    stat: (file) => slots.run(() => files.stat(file)),
    touch: (file, timeMs) => slots.run(() => files.touch(file, timeMs)),
    rename: (from, to) => slots.run(() => files.rename(from, to)),
    link: (path, second) => slots.run(() => files.link(path, second)),
    unlink: (path) => slots.run(() => files.unlink(path)),
    list: (folder) => slots.run(() => files.list(folder)),
    makeFolder: (folder) => slots.run(() => files.makeFolder(folder)),
    syncFolder: (folder) => slots.run(() => files.syncFolder(folder)),
  };
}
