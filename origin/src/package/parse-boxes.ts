import {
  AudioSampleEntry,
  type Box,
  createFile,
  type FullBox,
  type ISOFile,
  MP4BoxBuffer,
  type SampleEntry,
  VisualSampleEntry,
} from 'mp4box';
import { OriginError } from '../errors.js';
import { MAX_SAMPLES, pruneBox } from './box-check.js';
import { codecName, isCarried, refuseCodec } from './codecs.js';
import { expandFragments, type Fragment, type Run } from './expand-fragments.js';
import { type CodedTables, expandTables } from './expand-tables.js';
import type { Track, TrackKind } from './sample-table.js';
import type { Metadata } from './scan.js';

type Moov = NonNullable<ISOFile['moov']>;
type Trak = Moov['traks'][number];
type Moof = ISOFile['moofs'][number];

/** Everything here runs in the parse thread: see `parse-thread`. */
export function parseMetadata(metadata: Metadata): Track[] {
  const budget = { left: MAX_SAMPLES };
  const moovBytes = pruneBox(metadata.moov.box, budget);
  const file = parse(moovBytes);
  const moov = file.moov;
  if (moov?.mvhd === undefined || moov.traks === undefined) throw noTracks();
  const fragments = metadata.moofs.map(({ start, box }) => ({
    start,
    moof: parseMoof(pruneBox(box, budget)),
  }));
  const tracks: Track[] = [];
  for (const kind of ['video', 'audio'] as const) {
    const track = firstTrack(kind, moov, moovBytes, fragments);
    if (track !== undefined) tracks.push(track);
  }
  return tracks;
}

function parse(bytes: Uint8Array): ISOFile {
  const file = createFile();
  const copy = new ArrayBuffer(bytes.length);
  new Uint8Array(copy).set(bytes);
  // Not appendBuffer: that builds an object for each sample.
  if (file.checkBuffer(MP4BoxBuffer.fromArrayBuffer(copy, 0))) file.parse();
  return file;
}

function parseMoof(bytes: Uint8Array): Moof {
  const moof = parse(bytes).moofs[0];
  if (moof === undefined) throw new OriginError('bad-box', 'The file is damaged: a fragment cannot be read.');
  return moof;
}

/** First track of this kind whose codec HLS carries. @throws OriginError `codec` when there are some, but none such. */
function firstTrack(
  kind: TrackKind,
  moov: Moov,
  moovBytes: Uint8Array,
  fragments: readonly { start: number; moof: Moof }[],
): Track | undefined {
  const handler = kind === 'video' ? 'vide' : 'soun';
  let refused: string | undefined;
  for (const trak of moov.traks) {
    const entry = trak.mdia?.hdlr?.handler === handler ? trak.mdia.minf?.stbl?.stsd?.entries[0] : undefined;
    if (entry === undefined) continue;
    if (!isCarried(kind, entry.type)) refused ??= entry.type;
    else return readTrack(kind, trak, entry, moov, moovBytes, fragments);
  }
  if (refused !== undefined) throw refuseCodec(kind, refused);
  return undefined;
}

function readTrack(
  kind: TrackKind,
  trak: Trak,
  entry: SampleEntry,
  moov: Moov,
  moovBytes: Uint8Array,
  moofs: readonly { start: number; moof: Moof }[],
): Track {
  const { tkhd, mdia, edts } = trak;
  if (tkhd === undefined || mdia.mdhd === undefined || mdia.mdhd.timescale === 0) throw noTracks();
  const coded = codedTables(trak);
  const descriptions = new Set(mdia.minf.stbl.stsc?.sample_description_index ?? []);
  if (descriptions.size > 1) {
    throw new OriginError(
      'codec',
      `The file's ${kind} changes its codec settings midway. Convert it: ffmpeg -i IN -c:v libx264 -c:a aac OUT.mp4`,
    );
  }
  const fragments = moofs.flatMap(({ start, moof }) => fragmentsOf(tkhd.track_id, moov, moof, start));
  return {
    id: tkhd.track_id,
    kind,
    timescale: mdia.mdhd.timescale,
    movieTimescale: moov.mvhd.timescale || mdia.mdhd.timescale,
    language: mdia.mdhd.languageString ?? 'und',
    codec: codecOf(kind, entry),
    sampleEntry: entryBytes(entry, moovBytes),
    width: entry instanceof VisualSampleEntry ? shownSize(tkhd.width, entry.width) : 0,
    height: entry instanceof VisualSampleEntry ? shownSize(tkhd.height, entry.height) : 0,
    matrix: [...tkhd.matrix],
    channels: entry instanceof AudioSampleEntry ? entry.channel_count : 0,
    sampleRate: entry instanceof AudioSampleEntry ? entry.samplerate : 0,
    edits: (edts?.elst?.entries ?? []).map((edit) => ({
      duration: edit.segment_duration,
      mediaTime: edit.media_time,
      rate: edit.media_rate_integer,
    })),
    samples: fragments.length === 0 ? expandTables(coded) : expandFragments(expandTables(coded), fragments),
  };
}

function codecOf(kind: TrackKind, entry: SampleEntry): string {
  let parsed: string;
  try {
    parsed = entry.getCodec();
  } catch (cause) {
    throw new OriginError(
      'bad-box',
      `The file is damaged: its ${kind} codec settings cannot be read.`,
      cause,
    );
  }
  const codec = codecName(kind, entry.type, parsed);
  if (kind === 'video' && !codec.includes('.')) {
    throw new OriginError(
      'bad-box',
      `The file is damaged: its ${kind} codec settings are missing. Remux it: ffmpeg -i IN -c copy OUT.mp4`,
    );
  }
  return codec;
}

function shownSize(header: number, coded: number): number {
  const shown = Math.round(header / 65536);
  return shown > 0 ? shown : coded;
}

/** The entry byte for byte; QuickTime's sound entries, which browsers refuse, are written anew by the library. */
function entryBytes(entry: SampleEntry, moovBytes: Uint8Array): Uint8Array {
  if (entry instanceof AudioSampleEntry && entry.version !== 0) {
    throw new OriginError(
      'codec',
      "The file's sound is in QuickTime's own form. Remux it: ffmpeg -i IN -c copy OUT.mp4",
    );
  }
  const start = entry.start ?? 0;
  return moovBytes.slice(start, start + entry.size);
}

function codedTables(trak: Trak): CodedTables {
  const { stsz, stz2, stts, ctts, stsc, stco, co64, stss } = trak.mdia.minf.stbl;
  return {
    sizes: stsz?.sample_sizes ?? stz2?.sample_sizes ?? [],
    timeCounts: stts?.sample_counts ?? [],
    timeDeltas: stts?.sample_deltas ?? [],
    compositionCounts: ctts?.sample_counts ?? [],
    compositionOffsets: ctts?.sample_offsets ?? [],
    firstChunks: stsc?.first_chunk ?? [],
    samplesPerChunk: stsc?.samples_per_chunk ?? [],
    chunkOffsets: stco?.chunk_offsets ?? co64?.chunk_offsets ?? [],
    syncNumbers: stss?.sample_numbers,
  };
}

/** ISO/IEC 14496-12 section 8.8: defaults from trex, then tfhd, then trun. */
function fragmentsOf(trackId: number, moov: Moov, moof: Moof, moofStart: number): Fragment[] {
  const trex = moov.mvex?.trexs?.find((candidate) => candidate.track_id === trackId);
  return (moof.trafs ?? [])
    .filter((traf) => traf.tfhd?.track_id === trackId)
    .map((traf) => {
      const { tfhd, tfdt } = traf;
      const base = has(tfhd, 0x1) ? tfhd.base_data_offset : moofStart;
      const size = has(tfhd, 0x10) ? tfhd.default_sample_size : (trex?.default_sample_size ?? 0);
      const duration = has(tfhd, 0x8) ? tfhd.default_sample_duration : (trex?.default_sample_duration ?? 0);
      const flags = has(tfhd, 0x20) ? tfhd.default_sample_flags : (trex?.default_sample_flags ?? 0);
      const runs = (traf.truns ?? []).map(
        (trun): Run => ({
          position: has(trun, 0x1) ? base + trun.data_offset : undefined,
          count: trun.sample_count,
          sizes: has(trun, 0x200) ? trun.sample_size : size,
          durations: has(trun, 0x100) ? trun.sample_duration : duration,
          flags: has(trun, 0x400) ? trun.sample_flags : flags,
          firstFlags: has(trun, 0x4) ? trun.first_sample_flags : undefined,
          compositions: has(trun, 0x800) ? trun.sample_composition_time_offset : [],
        }),
      );
      return { decodeTime: tfdt?.baseMediaDecodeTime, base, runs };
    });
}

function has(box: FullBox & Box, flag: number): boolean {
  return (box.flags & flag) !== 0;
}

function noTracks(): OriginError {
  return new OriginError(
    'bad-box',
    'The file is damaged: its headers are incomplete. Remux it: ffmpeg -i IN -c copy OUT.mp4',
  );
}
