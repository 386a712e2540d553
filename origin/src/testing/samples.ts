import type { FileSource } from '../package/file-source.js';
import { emptyTable, type SampleTable, type Track } from '../package/sample-table.js';

/** A table from frames in decode order. */
export function tableOf(
  frames: readonly { pts: number; duration: number; sync?: boolean; size?: number }[],
): SampleTable {
  const table = emptyTable(frames.length);
  let decodeTime = 0;
  let offset = 0;
  for (const [index, { pts, duration, sync = false, size = 100 }] of frames.entries()) {
    table.decodeTimes[index] = decodeTime;
    table.compositions[index] = pts - decodeTime;
    table.durations[index] = duration;
    table.sizes[index] = size;
    table.offsets[index] = offset;
    table.sync[index] = sync ? 1 : 0;
    decodeTime += duration;
    offset += size;
  }
  return table;
}

export function trackOf(samples: SampleTable, fields: Partial<Track> = {}): Track {
  return {
    id: 1,
    kind: 'video',
    timescale: 1000,
    movieTimescale: 1000,
    language: 'und',
    codec: 'avc1.64000c',
    sampleEntry: new Uint8Array(8),
    width: 320,
    height: 180,
    matrix: [0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000],
    channels: 0,
    sampleRate: 0,
    edits: [],
    samples,
    ...fields,
  };
}

/** A source whose bytes are never read. */
export const noSource: FileSource = {
  name: 'none.mp4',
  bytes: 0,
  read: () => Promise.reject(new Error('not read')),
  close: () => Promise.resolve(),
};
