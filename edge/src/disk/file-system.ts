import fs from 'node:fs';

export type OpenMode = 'read' | 'update' | 'create';

/** What the disk tier needs of a file system. Tests put one in its place that fails or is slow. */
export interface DiskFileSystem {
  /** `create` fails if there is such a file. Readable by the owner alone. */
  open(path: string, mode: OpenMode): Promise<number>;
  close(file: number): Promise<void>;
  /** As many bytes as there are, up to the buffer's length. */
  read(file: number, into: Uint8Array, position: number): Promise<number>;
  /** All of them, one after the other. */
  write(file: number, parts: readonly Uint8Array[], position: number): Promise<void>;
  /** A new file `from` with all of the parts, which then takes the name `to`. If it fails, `from` is not left behind. */
  place(from: string, to: string, parts: readonly Uint8Array[]): Promise<void>;
  stat(file: number): Promise<FileFacts>;
  /** Sets the time of change, to the second. */
  touch(file: number, timeMs: number): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  /** A second name; fails if it is taken. */
  link(path: string, second: string): Promise<void>;
  unlink(path: string): Promise<void>;
  list(folder: string): Promise<readonly string[]>;
  /** And those above. Nothing happens if it is there. Open to the owner alone. */
  makeFolder(folder: string): Promise<void>;
  /** Names made or removed in it survive a power cut. */
  syncFolder(folder: string): Promise<void>;
}

export interface FileFacts {
  readonly bytes: number;
  /** Since the epoch. */
  readonly changedMs: number;
}

/** `ENOENT` and so on; empty for what is no error of the system. */
export function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

const FLAGS: Readonly<Record<OpenMode, string>> = { read: 'r', update: 'r+', create: 'wx' };

/** Callbacks on plain descriptors: a `FileHandle` of `fs/promises` costs half as much again for each read. */
export const nodeFileSystem: DiskFileSystem = {
  open: (path, mode) =>
    new Promise((done, failed) => {
      fs.open(path, FLAGS[mode], 0o600, (error, file) => (error === null ? done(file) : failed(error)));
    }),
  close: (file) => settled((end) => fs.close(file, end)),
  read: async (file, into, position) => {
    let filled = 0;
    // One call is enough for all but files that end early or are beyond 2 GiB.
    for (;;) {
      const count = await readOnce(file, into, filled, position + filled);
      filled += count;
      if (count === 0 || filled === into.length) return filled;
    }
  },
  write: async (file, parts, position) => {
    let left = parts.filter((part) => part.length > 0);
    let at = position;
    while (left.length > 0) {
      const count = await writeOnce(file, left, at);
      at += count;
      left = without(left, count);
    }
  },
  place: (from, to, parts) => placeWith(nodeFileSystem, from, to, parts),
  stat: (file) =>
    new Promise((done, failed) => {
      fs.fstat(file, (error, stats) => {
        if (error !== null) failed(error);
        else done({ bytes: stats.size, changedMs: stats.mtimeMs });
      });
    }),
  touch: (file, timeMs) => settled((end) => fs.futimes(file, timeMs / 1000, timeMs / 1000, end)),
  rename: (from, to) => settled((end) => fs.rename(from, to, end)),
  link: (path, second) => settled((end) => fs.link(path, second, end)),
  unlink: (path) => settled((end) => fs.unlink(path, end)),
  list: (folder) => fs.promises.readdir(folder),
  makeFolder: async (folder) => {
    await fs.promises.mkdir(folder, { recursive: true, mode: 0o700 });
  },
  syncFolder: async (folder) => {
    const handle = await fs.promises.open(folder, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  },
};

/** `place` out of the other calls. */
export async function placeWith(
  files: Pick<DiskFileSystem, 'open' | 'write' | 'close' | 'rename' | 'unlink'>,
  from: string,
  to: string,
  parts: readonly Uint8Array[],
): Promise<void> {
  const file = await files.open(from, 'create');
  try {
    try {
      await files.write(file, parts, 0);
    } finally {
      await files.close(file);
    }
    await files.rename(from, to);
  } catch (error) {
    await files.unlink(from).catch(() => undefined);
    throw error;
  }
}

function settled(start: (end: (error: Error | null) => void) => void): Promise<void> {
  return new Promise((done, failed) => {
    start((error) => (error === null ? done() : failed(error)));
  });
}

function readOnce(file: number, into: Uint8Array, offset: number, position: number): Promise<number> {
  return new Promise((done, failed) => {
    fs.read(file, into, offset, into.length - offset, position, (error, count) =>
      error === null ? done(count) : failed(error),
    );
  });
}

function writeOnce(file: number, parts: readonly Uint8Array[], position: number): Promise<number> {
  return new Promise((done, failed) => {
    fs.writev(file, [...parts], position, (error, count) => (error === null ? done(count) : failed(error)));
  });
}

function without(parts: readonly Uint8Array[], count: number): Uint8Array[] {
  let skip = count;
  return parts.flatMap((part) => {
    const taken = Math.min(skip, part.length);
    skip -= taken;
    return taken === part.length ? [] : [part.subarray(taken)];
  });
}
