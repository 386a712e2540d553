import { SEGMENT_BYTES, segments } from '../../origin/content.js';
import { ratioGoal } from '../goals.js';
import { eddies, nginxes, varnish } from '../line-up.js';
import { BYTES, CPU_PER_REQUEST } from '../metrics.js';
import type { EdgeWorkload } from '../workload.js';
import { CONNECTIONS, runClosedLoop, turnsSeconds } from './closed-loop.js';

/** 32 MiB in all: more than a processor's cache holds, so that nobody is flattered by it. */
const SEGMENTS = 32;

export const segmentsWorkload: EdgeWorkload = {
  name: 'segments',
  summary: '1 MiB segments from memory, as fast as they go',
  estimateSeconds: (options) => turnsSeconds(7, options),
  measure: async (stage, options) =>
    await runClosedLoop(
      stage,
      {
        name: 'segments',
        description: `${SEGMENTS} segments of 1 MiB in turn, ${CONNECTIONS} connections kept open, memory hits`,
        objects: segments(SEGMENTS),
        objectBytes: SEGMENT_BYTES,
        headline: BYTES,
        where: 'memory',
        unders: [...(await eddies(stage)), ...(await nginxes(stage)), await varnish(stage)],
        goals: (comparisons) => [
          ...ratioGoal(comparisons, { metric: BYTES, family: 'nginx', limit: 1 }),
          ...ratioGoal(comparisons, { metric: BYTES, family: 'varnish', limit: 1 }),
          ...ratioGoal(comparisons, { metric: CPU_PER_REQUEST, limit: 1.25 }),
        ],
      },
      options,
    ),
};
