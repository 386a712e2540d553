import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { runOpenLoop } from '../load/open-loop/run-open-loop.js';
import { stampedContent } from '../origin/stamped-content.js';
import type { LoadResult } from './phase.js';
import { watchHls } from './watch-hls.js';

/** What is asked for: sizes of playlists and of segments. */
const OBJECTS = Array.from({ length: 200 }, (_, index) => ({
  path: `/load/${index}.m4s`,
  bytes: index % 4 === 0 ? 2_000 : 60_000,
}));
/** Far longer than any phase. */
const AT_MOST_SECONDS = 1200;

/** Writes what the load asks for into the folder that the origin serves. */
export async function writeLoadObjects(folder: string): Promise<void> {
  for (const { path, bytes } of OBJECTS) {
    const file = join(folder, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, stampedContent(path, bytes));
  }
}

export interface LoadPlan {
  /** Balancers by name and address. */
  readonly balancers: readonly { readonly name: string; readonly address: string }[];
  readonly perSecond: number;
  readonly stream: string;
}

/** Viewers at each balancer, every status and byte compared, and a player of the live stream, until stopped. */
export function startLoad({ balancers, perSecond, stream }: LoadPlan): {
  readonly stop: () => Promise<LoadResult[]>;
} {
  const stopping = new AbortController();
  const running = balancers.map(({ name, address }) => {
    const requests = runOpenLoop(
      {
        ...{ host: address, port: 80, objects: OBJECTS, perSecond, seconds: AT_MOST_SECONDS },
        ...{ warmUpSeconds: 0, connections: 32, verify: true },
      },
      stopping.signal,
    );
    // Looked at when the phase is over.
    requests.catch(() => {});
    return { name, requests, player: watchHls(`http://${address}${stream}`) };
  });
  return {
    stop: async () => {
      stopping.abort();
      return await Promise.all(
        running.map(async ({ name, requests, player }) => {
          const watched = await player.stop();
          return { name, requests: await requests, watched };
        }),
      );
    },
  };
}
