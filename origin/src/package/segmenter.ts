import { Box, BoxParser, DataStream } from 'mp4box';
import type { Cut } from './cut.js';
import { at, type SampleTable, type Track } from './sample-table.js';

/** Writes CMAF: one init segment a track, and one `moof` with its `mdat` a segment. Boxes are the library's, times ours. */

const B = BoxParser.box;
const TRACK_ID = 1;
const IDENTITY = Int32Array.of(0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000);
/** ISO/IEC 14496-12 section 8.8.3.1: depends on nothing; and depends on others, not a sync sample. */
const SYNC_FLAGS = 0x02000000;
const DEPENDENT_FLAGS = 0x01010000;

const TFHD_DEFAULTS = 0x020000 | 0x8 | 0x20; // base is moof; default duration and flags
const TRUN_DATA_OFFSET = 0x1;
const TRUN_DURATIONS = 0x100;
const TRUN_SIZES = 0x200;
const TRUN_FLAGS = 0x400;
const TRUN_COMPOSITIONS = 0x800;

/**
 * `ftyp` and `moov` of a track, without samples.
 *
 * @param mediaTime media time of presentation time 0, written as an edit list unless 0.
 */
export function initSegment(track: Track, mediaTime = 0): Buffer {
  const brand = new B.ftyp();
  brand.major_brand = 'iso6';
  brand.minor_version = 1;
  brand.compatible_brands = ['iso6', 'cmfc', 'mp41'];
  const stream = new DataStream();
  brand.write(stream);
  movieBox(track, mediaTime).write(stream);
  return Buffer.from(stream.buffer);
}

function movieBox(track: Track, mediaTime: number): Box {
  const movie = new B.moov();
  const header = movie.addBox(new B.mvhd());
  Object.assign(header, { creation_time: 0, modification_time: 0, timescale: 1000, duration: 0 });
  Object.assign(header, { rate: 0x10000, volume: 1, matrix: IDENTITY, next_track_id: TRACK_ID + 1 });
  const trak = movie.addBox(new B.trak());
  const trackHeader = trak.addBox(new B.tkhd());
  const isVideo = track.kind === 'video';
  Object.assign(trackHeader, {
    flags: 3,
    creation_time: 0,
    modification_time: 0,
    track_id: TRACK_ID,
    duration: 0,
  });
  Object.assign(trackHeader, { volume: isVideo ? 0 : 1, matrix: Int32Array.from(track.matrix) });
  Object.assign(trackHeader, { width: track.width * 0x10000, height: track.height * 0x10000 });
  if (mediaTime > 0) {
    const edit = {
      segment_duration: 0,
      media_time: mediaTime,
      media_rate_integer: 1,
      media_rate_fraction: 0,
    };
    trak.addBox(new B.edts()).addBox(new B.elst()).entries = [edit];
  }
  const media = trak.addBox(new B.mdia());
  const mediaHeader = media.addBox(new B.mdhd());
  Object.assign(mediaHeader, {
    creation_time: 0,
    modification_time: 0,
    timescale: track.timescale,
    duration: 0,
  });
  mediaHeader.language = packLanguage(track.language);
  const handler = media.addBox(new B.hdlr());
  handler.handler = isVideo ? 'vide' : 'soun';
  handler.name = isVideo ? 'VideoHandler' : 'SoundHandler';
  const info = media.addBox(new B.minf());
  if (isVideo) Object.assign(info.addBox(new B.vmhd()), { flags: 1, graphicsmode: 0, opcolor: [0, 0, 0] });
  else Object.assign(info.addBox(new B.smhd()), { balance: 0 });
  const url = new B['url ']();
  url.flags = 1;
  const references = info.addBox(new B.dinf()).addBox(new B.dref());
  references.entries = [url];
  info.addBox(emptyTables(track));
  const defaults = movie.addBox(new B.mvex()).addBox(new B.trex());
  Object.assign(defaults, {
    track_id: TRACK_ID,
    default_sample_description_index: 1,
    default_sample_duration: 0,
  });
  Object.assign(defaults, { default_sample_size: 0, default_sample_flags: 0 });
  return movie;
}

function emptyTables(track: Track): Box {
  const table = new B.stbl();
  const descriptions = table.addBox(new B.stsd());
  Object.assign(descriptions, { entries: [rawBox(track.sampleEntry)] });
  Object.assign(table.addBox(new B.stts()), { sample_counts: [], sample_deltas: [] });
  Object.assign(table.addBox(new B.stsc()), {
    first_chunk: [],
    samples_per_chunk: [],
    sample_description_index: [],
  });
  Object.assign(table.addBox(new B.stsz()), { sample_sizes: [] });
  Object.assign(table.addBox(new B.stco()), { chunk_offsets: [] });
  return table;
}

/** A box whose bytes are known: written as they are. */
function rawBox(bytes: Uint8Array): Box {
  const box = new Box();
  box.type = Buffer.from(bytes.subarray(4, 8)).toString('latin1');
  box.data = bytes.slice(8);
  box.size = box.data.length;
  return box;
}

export interface SegmentPlace {
  /** Media sequence number. */
  readonly sequence: number;
  /** Added to decode times: where a live stream's time line stands. Track's units, default 0. */
  readonly shift?: number;
  /** The `mediaTime` of the init segment, added to composition offsets. Default 0. */
  readonly mediaTime?: number;
}

/** What stands before the samples of a media segment: `moof`, and the head of the `mdat` that they fill. */
export function segmentHead(
  samples: SampleTable,
  cut: Cut,
  { sequence, shift = 0, mediaTime = 0 }: SegmentPlace,
): Buffer {
  const fragment = new B.moof();
  fragment.addBox(new B.mfhd()).sequence_number = (sequence + 1) % 2 ** 32;
  const track = fragment.addBox(new B.traf());
  const header = track.addBox(new B.tfhd());
  header.flags = TFHD_DEFAULTS;
  header.track_id = TRACK_ID;
  header.default_sample_duration = at(samples.durations, cut.first);
  header.default_sample_flags = flagsOf(samples, cut.first);
  const decodeTime = track.addBox(new B.tfdt());
  decodeTime.version = 1;
  decodeTime.baseMediaDecodeTime = at(samples.decodeTimes, cut.first) + shift;
  const run = track.addBox(new B.trun());
  // Version 0 has unsigned offsets: a negative one would be read as about 2^32.
  run.version = 1;
  run.data_offset = 0;
  run.sample_count = cut.end - cut.first;
  let fields = TRUN_DATA_OFFSET | TRUN_SIZES;
  for (let sample = cut.first; sample < cut.end; sample++) {
    run.sample_duration.push(at(samples.durations, sample));
    run.sample_size.push(at(samples.sizes, sample));
    run.sample_flags.push(flagsOf(samples, sample));
    const composition = at(samples.compositions, sample) + mediaTime;
    run.sample_composition_time_offset.push(composition);
    if (at(samples.durations, sample) !== header.default_sample_duration) fields |= TRUN_DURATIONS;
    if (flagsOf(samples, sample) !== header.default_sample_flags) fields |= TRUN_FLAGS;
    if (composition !== 0) fields |= TRUN_COMPOSITIONS;
  }
  run.flags = fields;
  // The library counts the size of every field that has values, asked for or not.
  if (!(fields & TRUN_DURATIONS)) run.sample_duration = [];
  if (!(fields & TRUN_FLAGS)) run.sample_flags = [];
  if (!(fields & TRUN_COMPOSITIONS)) run.sample_composition_time_offset = [];
  const stream = new DataStream();
  fragment.write(stream);
  stream.adjustUint32(run.data_offset_position, fragment.size + 8);
  let mediaBytes = 0;
  for (const size of run.sample_size) mediaBytes += size;
  const mediaHead = Buffer.alloc(8);
  mediaHead.writeUInt32BE(mediaBytes + 8, 0);
  mediaHead.write('mdat', 4, 'latin1');
  return Buffer.concat([Buffer.from(stream.buffer), mediaHead]);
}

function flagsOf(samples: SampleTable, sample: number): number {
  return at(samples.sync, sample) === 1 ? SYNC_FLAGS : DEPENDENT_FLAGS;
}

/** ISO 639-2 code in 15 bits (ISO/IEC 14496-12 section 8.4.2.3). */
function packLanguage(language: string): number {
  const code = /^[a-z]{3}$/.test(language) ? language : 'und';
  return [...code].reduce((packed, letter) => (packed << 5) | (letter.charCodeAt(0) - 0x60), 0);
}
