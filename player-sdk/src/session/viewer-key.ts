import type { Random } from '../components.js';
import type { PageStorage } from '../manners/page-storage.js';
import { newId } from './id.js';

const KEY = 'eddy-viewer';
const MOST_CHARACTERS = 64;

/** This device's name over reloads. Without storage (private windows, blocked cookies) it lasts for the page. */
export function viewerKey(random: Random, storage: PageStorage): string {
  const kept = storage.get(KEY);
  if (kept !== undefined && kept.length > 0 && kept.length <= MOST_CHARACTERS) return kept;
  const made = newId(random);
  storage.set(KEY, made);
  return made;
}

export function forgetViewerKey(storage: PageStorage): void {
  storage.remove(KEY);
}
