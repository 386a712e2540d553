import type { EdgeWorkload } from '../workload.js';
import { coldFollowersWorkload } from './cold-followers.js';
import { diskWorkload } from './disk.js';
import { halfLoadWorkload } from './half-load.js';
import { hostileWorkload } from './hostile.js';
import { kill9Workload } from './kill-9.js';
import { liveWorkload } from './live.js';
import { memoryBesideSlowDiskWorkload } from './memory-beside-slow-disk.js';
import { playlistsWorkload } from './playlists.js';
import { segmentsWorkload } from './segments.js';
import { segmentsTlsWorkload } from './segments-tls.js';

/** In the order of the table of promises. */
export const EDGE_WORKLOADS: readonly EdgeWorkload[] = [
  segmentsWorkload,
  segmentsTlsWorkload,
  memoryBesideSlowDiskWorkload,
  playlistsWorkload,
  diskWorkload,
  halfLoadWorkload,
  coldFollowersWorkload,
  liveWorkload,
  kill9Workload,
  hostileWorkload,
];
