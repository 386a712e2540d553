/**
 * The frames of one track in decode order, column by column (about 30 bytes a frame).
 * Times are in the track's timescale.
 */
export interface SampleTable {
  readonly count: number;
  /** Byte position in the file. */
  readonly offsets: Float64Array;
  readonly sizes: Uint32Array;
  readonly decodeTimes: Float64Array;
  readonly durations: Uint32Array;
  /** Composition offset: presentation time minus decode time. */
  readonly compositions: Int32Array;
  /** 1 for a sync sample (keyframe). */
  readonly sync: Uint8Array;
}

/** One entry of an edit list. `mediaTime` -1 is an empty edit; durations are in the movie's timescale. */
export interface Edit {
  readonly duration: number;
  readonly mediaTime: number;
  readonly rate: number;
}

export type TrackKind = 'video' | 'audio';

/** What packaging needs to know of a track. */
export interface Track {
  readonly id: number;
  readonly kind: TrackKind;
  readonly timescale: number;
  readonly movieTimescale: number;
  /** ISO 639-2 code, `und` when unknown. */
  readonly language: string;
  /** RFC 6381. */
  readonly codec: string;
  /** The sample entry as a box, to be written into init segments. */
  readonly sampleEntry: Uint8Array;
  /** Video: shown size in pixels, before rotation. Zero for audio. */
  readonly width: number;
  readonly height: number;
  /** Nine 16.16 numbers of the track header. */
  readonly matrix: readonly number[];
  /** Audio. Zero for video. */
  readonly channels: number;
  readonly sampleRate: number;
  readonly edits: readonly Edit[];
  readonly samples: SampleTable;
}

export function emptyTable(count: number): SampleTable {
  return {
    count,
    offsets: new Float64Array(count),
    sizes: new Uint32Array(count),
    decodeTimes: new Float64Array(count),
    durations: new Uint32Array(count),
    compositions: new Int32Array(count),
    sync: new Uint8Array(count),
  };
}

/** Value of a column; outside of the table there is none, which is our mistake. */
export function at(column: Float64Array | Uint32Array | Int32Array | Uint8Array, index: number): number {
  const value = column[index];
  if (value === undefined) throw new RangeError(`sample ${index} of ${column.length}`);
  return value;
}

export function presentationTime(samples: SampleTable, index: number): number {
  return at(samples.decodeTimes, index) + at(samples.compositions, index);
}
