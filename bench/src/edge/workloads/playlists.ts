import { PLAYLIST_BYTES, playlist } from '../../origin/content.js';
import { ratioGoal } from '../goals.js';
import { eddies, guardedEddy, nginxes, varnish } from '../line-up.js';
import { REQUESTS } from '../metrics.js';
import type { EdgeWorkload } from '../workload.js';
import { CONNECTIONS, runClosedLoop, turnsSeconds } from './closed-loop.js';

export const playlistsWorkload: EdgeWorkload = {
  name: 'playlists',
  summary: '1 KiB playlists from memory, as fast as they go',
  estimateSeconds: (options) => turnsSeconds(8, options),
  measure: async (stage, options) =>
    await runClosedLoop(
      stage,
      {
        name: 'playlists',
        description: `one playlist of 1 KiB, ${CONNECTIONS} connections kept open, memory hits`,
        objects: [playlist()],
        objectBytes: PLAYLIST_BYTES,
        headline: REQUESTS,
        where: 'memory',
        unders: [
          ...(await eddies(stage)),
          await guardedEddy(stage, '/film'),
          ...(await nginxes(stage)),
          await varnish(stage),
        ],
        goals: (comparisons) => [
          ...ratioGoal(comparisons, { metric: REQUESTS, family: 'nginx', limit: 1 }),
          ...ratioGoal(comparisons, { metric: REQUESTS, family: 'varnish', limit: 1 }),
        ],
      },
      options,
    ),
};
