import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What was published in a folder: SHA-256 (hex) of each media file, to its path within the folder. */
export async function publishedSegments(folder: string): Promise<Map<string, string>> {
  const segments = new Map<string, string>();
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  for (const entry of entries) {
    if (!entry.isFile() || !/\.(m4s|mp4)$/.test(entry.name)) continue;
    const file = join(entry.parentPath, entry.name);
    const hash = createHash('sha256').update(await readFile(file));
    segments.set(hash.digest('hex'), file.slice(folder.length + 1));
  }
  return segments;
}
