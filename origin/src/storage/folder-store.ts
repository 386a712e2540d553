import { randomUUID } from 'node:crypto';
import { mkdir, open, opendir, readFile, rename, rm, rmdir, stat } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { OriginError } from '../errors.js';
import { contentTypeOf } from './content-type.js';
import { checkKey, TEMPORARY_SUFFIX } from './key.js';
import type { ListedObject, ObjectStore } from './object-store.js';

/**
 * Objects as files below `root`, which is made when first written to. A write is a temporary file beside the object
 * and a rename, so that readers see whole objects. The content type is that of the key's extension.
 */
export function folderStore(root: string): ObjectStore {
  const pathOf = (key: string): string => join(root, ...checkKey(key).split('/'));

  async function* walk(folder: string, keyPrefix: string, prefix: string): AsyncGenerator<ListedObject> {
    let entries: Awaited<ReturnType<typeof opendir>>;
    try {
      entries = await opendir(folder);
    } catch (error) {
      if (isMissing(error)) return;
      throw failed('list', folder, error);
    }
    for await (const entry of entries) {
      const key = keyPrefix + entry.name;
      if (entry.isDirectory()) {
        if (`${key}/`.startsWith(prefix) || prefix.startsWith(`${key}/`))
          yield* walk(join(folder, entry.name), `${key}/`, prefix);
      } else if (entry.isFile() && key.startsWith(prefix) && !entry.name.endsWith(TEMPORARY_SUFFIX)) {
        const info = await stat(join(folder, entry.name)).catch(() => undefined);
        if (info !== undefined) yield { key, bytes: info.size };
      }
    }
  }

  return {
    url: pathToFileURL(root).href,

    async put(key, bytes) {
      const path = pathOf(key);
      const temporary = `${path}.${randomUUID()}${TEMPORARY_SUFFIX}`;
      try {
        await withFolder(path, async () => {
          const file = await open(temporary, 'wx');
          try {
            await file.writeFile(bytes);
          } finally {
            await file.close();
          }
          await rename(temporary, path);
        });
      } catch (error) {
        await rm(temporary, { force: true }).catch(() => undefined);
        throw failed('write', key, error);
      }
    },

    async get(key) {
      try {
        const body = await readFile(pathOf(key));
        return { body, bytes: body.length, contentType: contentTypeOf(key) };
      } catch (error) {
        if (isMissing(error)) throw new OriginError('not-found', `There is no ${key} in the store.`, error);
        throw failed('read', key, error);
      }
    },

    async head(key) {
      try {
        const info = await stat(pathOf(key));
        return info.isFile() ? { bytes: info.size, contentType: contentTypeOf(key) } : undefined;
      } catch (error) {
        if (isMissing(error)) return undefined;
        throw failed('read', key, error);
      }
    },

    list: (prefix) => walk(root, '', prefix),

    async delete(key) {
      const path = pathOf(key);
      try {
        await rm(path, { force: true });
        // Folders are not objects: an empty one goes with its last file.
        for (let folder = dirname(path); folder.startsWith(root + sep); folder = dirname(folder))
          await rmdir(folder);
      } catch (error) {
        if (!isMissing(error) && codeOf(error) !== 'ENOTEMPTY' && codeOf(error) !== 'EEXIST')
          throw failed('delete', key, error);
      }
    },

    close() {},
  };
}

/** A folder may be removed by a delete between its making and the write into it: then once more. */
async function withFolder(path: string, write: () => Promise<void>): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    await mkdir(dirname(path), { recursive: true });
    try {
      return await write();
    } catch (error) {
      if (!isMissing(error) || attempt >= 3) throw error;
    }
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}

function isMissing(error: unknown): boolean {
  const code = codeOf(error);
  return code === 'ENOENT' || code === 'ENOTDIR' || code === 'EISDIR';
}

const ADVICE: Readonly<Record<string, string>> = {
  ENOSPC: 'The disk is full: free some space.',
  EACCES: 'Permission denied: check who owns the folder.',
  EROFS: 'The file system is read-only.',
};

function failed(what: string, key: string, error: unknown): OriginError {
  if (error instanceof OriginError) return error;
  const code = String(codeOf(error) ?? '');
  const reason = ADVICE[code] ?? (error instanceof Error ? error.message : String(error));
  return new OriginError('storage', `Cannot ${what} ${key}. ${reason}`, error);
}
