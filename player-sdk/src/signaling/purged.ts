import type { Purged } from '@eddy/protocol';

/** Whether a purge means the segment at this canonical path. */
export function isPurged({ paths, prefixes }: Pick<Purged, 'paths' | 'prefixes'>, path: string): boolean {
  return paths.includes(path) || prefixes.some((prefix) => path.startsWith(prefix));
}
