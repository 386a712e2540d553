import type { ObjectStore } from '../storage/object-store.js';
import { versionOf } from './presentation-name.js';

/** Version that a multivariant playlist refers to; undefined when publishing did not write it. */
export function versionInPlaylist(playlist: string): string | undefined {
  for (const line of playlist.split('\n')) {
    const folder = line.startsWith('#') ? undefined : line.slice(0, line.lastIndexOf('/'));
    const version = folder === undefined ? undefined : versionOf(folder);
    if (version !== undefined) return version;
  }
  return undefined;
}

/**
 * Removes media older than the publication that was just replaced. That one stays until the next publication: who is
 * in the middle of it plays on. Newer ones stay too: they may be another publication that is still running.
 */
export async function removeOutdated(store: ObjectStore, name: string, replaced: string): Promise<void> {
  const outdated: string[] = [];
  for await (const { key } of store.list(`${name}/`)) {
    const folder = key.slice(name.length + 1).split('/')[0] ?? '';
    const version = versionOf(folder);
    if (version !== undefined && version < replaced) outdated.push(key);
  }
  for (const key of outdated) await store.delete(key);
}
