import { errorCode } from './file-system.js';
import type { FoundObject, ObjectFiles } from './object-files.js';

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

/** Where each list takes a turn of a busy loop, one after the other would take half a second even of empty folders. */
const LISTS_AHEAD = 8;

/** Looks at the header of each file there is. Rejects if a folder cannot be listed. */
export async function rebuildIndex(components: RebuildComponents, { atOnce }: RebuildOptions): Promise<void> {
  const { objects, isStopped } = components;
  for await (const listed of listsOf(objects)) {
    const names = listed[Symbol.iterator]();
    const worker = async (): Promise<void> => {
      // Shared by all workers.
      for (const name of { [Symbol.iterator]: () => names }) {
        if (isStopped()) return;
        await look(name, components);
      }
    };
    if (isStopped()) return;
    await Promise.all(Array.from({ length: Math.min(atOnce, listed.length) }, worker));
  }
}

async function* listsOf(objects: ObjectFiles): AsyncGenerator<readonly string[]> {
  const { subfolders } = objects;
  const ahead: Promise<readonly string[]>[] = [];
  for (let next = 0; next < subfolders.length || ahead.length > 0; ) {
    for (; ahead.length < LISTS_AHEAD && next < subfolders.length; next++) {
      const list = objects.names(subfolders[next] ?? '');
      // Whoever waits for it hears of it; after another has failed, nobody does.
      list.catch(() => undefined);
      ahead.push(list);
    }
    const first = ahead.shift();
    if (first !== undefined) yield await first;
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
