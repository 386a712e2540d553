import { SEGMENT_BYTES } from '../../origin/content.js';
import { stampedObject } from '../../origin/stamped-content.js';
import { outputOf } from '../../process/commands.js';
import { ratioGoal } from '../goals.js';
import { eddies, nginxes } from '../line-up.js';
import { BYTES, CPU_PER_REQUEST } from '../metrics.js';
import type { EdgeWorkload } from '../workload.js';
import { CONNECTIONS, fewRounds, runClosedLoop, turnsSeconds } from './closed-loop.js';

const [OBJECTS, QUICK_OBJECTS] = [1024, 160];
const MEMORY = '64MiB';

export const diskWorkload: EdgeWorkload = {
  name: 'disk',
  summary: '1 MiB objects from disk, 1 GiB of them beside 64 MiB of memory',
  estimateSeconds: (options) => turnsSeconds(6, fewRounds(options)) + (options.quick === true ? 10 : 60),
  measure: async (stage, options) => {
    const count = options.quick === true ? QUICK_OBJECTS : OBJECTS;
    const objects = Array.from({ length: count }, (_, index) =>
      stampedObject(`/library/${index}.m4s`, SEGMENT_BYTES),
    );
    return await runClosedLoop(
      stage,
      {
        name: 'disk',
        description: `${count} objects of 1 MiB in random order, ${CONNECTIONS} connections kept open, hits on disk`,
        objects,
        objectBytes: SEGMENT_BYTES,
        order: 'random',
        headline: BYTES,
        where: 'disk',
        unders: [
          ...(await eddies(stage, { memory: MEMORY, disk: '4GiB' })),
          ...(await nginxes(stage, { cacheSize: '4g' })),
        ],
        verify: { atOnce: 8, fills: 3 },
        // What is written back later would disturb whoever has his turn then.
        settle: async () => void (await outputOf('sync', [])),
        goals: (comparisons) => [
          ...ratioGoal(comparisons, { metric: BYTES, family: 'nginx', limit: 1 }),
          ...ratioGoal(comparisons, { metric: CPU_PER_REQUEST, limit: 1.25 }),
        ],
        notes: [
          `eddy-edge keeps ${MEMORY} in memory, nginx nothing; all folders lie on one file system, whose page cache holds everything for everyone: what is compared is the way from there to the socket`,
        ],
      },
      fewRounds(options),
    );
  },
};
