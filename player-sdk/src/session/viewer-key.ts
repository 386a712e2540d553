import type { Random } from '../components.js';
import { newId } from './id.js';

const KEY = 'eddy-viewer';

/** This device's name over reloads. Without storage (private windows, blocked cookies) it lasts for the page. */
export function viewerKey(random: Random, storage: () => Storage): string {
  try {
    const kept = storage().getItem(KEY);
    if (kept !== null && kept.length > 0 && kept.length <= 64) return kept;
    const made = newId(random);
    storage().setItem(KEY, made);
    return made;
  } catch {
    return newId(random);
  }
}
