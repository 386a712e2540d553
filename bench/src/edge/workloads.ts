import { type OriginObject, PLAYLIST_BYTES, playlist, SEGMENT_BYTES, segments } from '../origin/content.js';
import type { TurnValues } from './turn.js';

export interface Workload {
  readonly name: string;
  readonly description: string;
  readonly objects: readonly OriginObject[];
  readonly objectBytes: number;
  readonly connections: number;
  readonly headline: keyof TurnValues;
}

const CONNECTIONS = 64;
const SEGMENTS = 32;

export function workloads(): Workload[] {
  return [
    {
      name: 'segments',
      description: `${SEGMENTS} segments of 1 MiB in turn, ${CONNECTIONS} connections kept open, memory hits`,
      objects: segments(SEGMENTS),
      objectBytes: SEGMENT_BYTES,
      connections: CONNECTIONS,
      headline: 'bytesPerSecond',
    },
    {
      name: 'playlists',
      description: `one playlist of 1 KiB, ${CONNECTIONS} connections kept open, memory hits`,
      objects: [playlist()],
      objectBytes: PLAYLIST_BYTES,
      connections: CONNECTIONS,
      headline: 'requestsPerSecond',
    },
  ];
}
