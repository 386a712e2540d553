import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { mustRun, ORIGIN_BIN } from '../system/command-line.js';

const PLAYER_PAGE = fileURLToPath(new URL('../../../player-sdk/dist/demo', import.meta.url));

/** A folder that an edge serves: the player page, and what is published beside it. */
export interface Site {
  readonly folder: string;
  /** The folder as an edge's origin. */
  readonly url: string;
  readonly publish: (name: string, ...inputs: readonly string[]) => Promise<void>;
  readonly remove: () => Promise<void>;
}

export async function makeSite(): Promise<Site> {
  const folder = await mkdtemp(join(tmpdir(), 'eddy-site-'));
  const url = pathToFileURL(folder).href;
  await cp(PLAYER_PAGE, join(folder, 'demo'), { recursive: true });
  return {
    folder,
    url,
    publish: async (name, ...inputs) => {
      await mustRun(process.execPath, [ORIGIN_BIN, 'publish', ...inputs, '--to', url, '--name', name]);
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
