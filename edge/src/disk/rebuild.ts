import { errorCode } from './file-system.js';
import { type FoundObject, ObjectFiles } from './object-files.js';

export interface RebuildComponents {
  readonly objects: ObjectFiles;
  /** Whether the index knows better already: written, read or purged meanwhile. */
  readonly isSettled: (name: string) => boolean;
  readonly found: (object: FoundObject) => void;
  /** Torn, rotten or unreadable: not to be found again. */
  readonly unsound: (name: string, error: unknown) => Promise<void>;
  readonly isStopped: () => boolean;
}

export interface RebuildOptions {
  /** Files looked at at a time. */
  readonly atOnce: number;
}

/** Looks at the header of each file there is. Rejects if a folder cannot be listed. */
export async function rebuildIndex(components: RebuildComponents, { atOnce }: RebuildOptions): Promise<void> {
  const { objects, isStopped } = components;
  for (const subfolder of ObjectFiles.subfolders) {
    const names = (await objects.names(subfolder))[Symbol.iterator]();
    const worker = async (): Promise<void> => {
      // Shared by all workers.
      for (const name of { [Symbol.iterator]: () => names }) {
        if (isStopped()) return;
        await look(name, components);
      }
    };
    await Promise.all(Array.from({ length: atOnce }, worker));
  }
}

async function look(name: string, components: RebuildComponents): Promise<void> {
  const { objects, isSettled, found, unsound } = components;
  if (isSettled(name)) return;
  let error: unknown;
  const object = await objects.inspect(name).catch((reason: unknown) => {
    error = reason;
    return undefined;
  });
  // Looked at again, since the answer took time.
  if (isSettled(name) || errorCode(error) === 'ENOENT') return;
  if (object === undefined) await unsound(name, error);
  else found(object);
}
