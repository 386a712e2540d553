import { OriginError } from '../errors.js';

/**
 * Before the parser sees a moov or moof, this copies out of it only the boxes that packaging needs, and checks that
 * sizes nest and that every declared count fits the box that declares it: a parser that believes a crafted count of
 * some millions loops for minutes.
 */

/** Of one file, all tracks together: a day of 60 fps video with audio is 9 million. */
export const MAX_SAMPLES = 10_000_000;

const PARENTS: Readonly<Record<string, readonly string[]>> = {
  moov: ['mvhd', 'trak', 'mvex'],
  trak: ['tkhd', 'edts', 'mdia'],
  edts: ['elst'],
  mdia: ['mdhd', 'hdlr', 'minf'],
  minf: ['stbl'],
  stbl: ['stsd', 'stts', 'ctts', 'stsc', 'stsz', 'stz2', 'stco', 'co64', 'stss'],
  mvex: ['trex'],
  moof: ['mfhd', 'traf'],
  traf: ['tfhd', 'tfdt', 'trun'],
};

/** Tables of `count` entries after version and flags: where the count stands, and bytes an entry. */
const TABLES: Readonly<Record<string, { readonly countAt: number; readonly entryBytes: number }>> = {
  stts: { countAt: 4, entryBytes: 8 },
  ctts: { countAt: 4, entryBytes: 8 },
  stsc: { countAt: 4, entryBytes: 12 },
  stco: { countAt: 4, entryBytes: 4 },
  co64: { countAt: 4, entryBytes: 8 },
  stss: { countAt: 4, entryBytes: 4 },
};

/** Shortest legal payload of boxes of a fixed form, so that nothing is read past an end. */
const FIXED: Readonly<Record<string, number>> = {
  mvhd: 100,
  tkhd: 84,
  mdhd: 24,
  hdlr: 24,
  trex: 24,
  mfhd: 8,
  tfhd: 8,
  tfdt: 8,
};

/** How many samples the checked boxes declare. */
export interface SampleBudget {
  left: number;
}

/**
 * The box (header included) with everything unneeded left out.
 * @throws OriginError `bad-box` or `too-complex`.
 */
export function pruneBox(box: Uint8Array, budget: SampleBudget): Uint8Array {
  const { type, body } = header(box, 0, box.length);
  return prune(type, body, budget);
}

function prune(type: string, body: Uint8Array, budget: SampleBudget): Uint8Array {
  const children = PARENTS[type];
  if (children === undefined) {
    checkLeaf(type, body, budget);
    return wrap(type, [body]);
  }
  const kept: Uint8Array[] = [];
  let tracks = 0;
  for (let at = 0; at + 8 <= body.length; ) {
    const child = header(body, at, body.length);
    if (children.includes(child.type)) {
      if (child.type === 'trak' && ++tracks > 64)
        throw new OriginError('too-complex', 'The file has more than 64 tracks.');
      kept.push(prune(child.type, child.body, budget));
    }
    at += child.bytes;
  }
  return wrap(type, kept);
}

function header(
  bytes: Uint8Array,
  at: number,
  end: number,
): { type: string; body: Uint8Array; bytes: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
  let size = view.getUint32(at);
  let headerBytes = 8;
  if (size === 1 && at + 16 <= end) {
    size = Number(view.getBigUint64(at + 8));
    headerBytes = 16;
  } else if (size === 0) {
    size = end - at;
  }
  if (size < headerBytes || at + size > end)
    throw broken(type, `is ${size} bytes long where ${end - at} are left`);
  return { type, body: bytes.subarray(at + headerBytes, at + size), bytes: size };
}

function wrap(type: string, parts: readonly Uint8Array[]): Uint8Array {
  const bytes = parts.reduce((sum, part) => sum + part.length, 8);
  const box = new Uint8Array(bytes);
  new DataView(box.buffer).setUint32(0, bytes);
  for (let index = 0; index < 4; index++) box[4 + index] = type.charCodeAt(index);
  let at = 8;
  for (const part of parts) {
    box.set(part, at);
    at += part.length;
  }
  return box;
}

function checkLeaf(type: string, body: Uint8Array, budget: SampleBudget): void {
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  const u32 = (at: number): number => {
    if (at + 4 > body.length) throw broken(type, 'is too short');
    return view.getUint32(at);
  };
  const fixed = FIXED[type];
  if (fixed !== undefined && body.length < fixed) throw broken(type, 'is too short');
  const table = TABLES[type];
  if (table !== undefined) fits(type, u32(table.countAt), table.entryBytes, body.length - table.countAt - 4);
  if (type === 'elst') fits(type, u32(4), body[0] === 1 ? 20 : 12, body.length - 8);
  if (type === 'stsd') checkDescriptions(body, u32(4));
  if (type === 'stsz') {
    const count = u32(8);
    if (u32(4) === 0) fits(type, count, 4, body.length - 12);
    spend(count, budget);
  }
  if (type === 'stz2') {
    const count = u32(8);
    fits(type, count, (body[7] ?? 0) / 8, body.length - 12);
    spend(count, budget);
  }
  if (type === 'trun') checkRun(body, u32, budget);
}

/** Each entry is a box; what it holds is bounded by the parser's deadline. */
function checkDescriptions(body: Uint8Array, count: number): void {
  if (count === 0 || count > 16) throw broken('stsd', `declares ${count} entries`);
  let at = 8;
  for (let index = 0; index < count; index++) {
    if (at + 8 > body.length) throw broken('stsd', `declares ${count} entries and holds ${index}`);
    at += header(body, at, body.length).bytes;
  }
}

function checkRun(body: Uint8Array, u32: (at: number) => number, budget: SampleBudget): void {
  const flags = u32(0) & 0xffffff;
  const count = u32(4);
  let fields = 0;
  for (const flag of [0x100, 0x200, 0x400, 0x800]) if (flags & flag) fields += 4;
  const fixed = 8 + (flags & 0x1 ? 4 : 0) + (flags & 0x4 ? 4 : 0);
  fits('trun', count, fields, body.length - fixed);
  spend(count, budget);
}

function fits(type: string, count: number, entryBytes: number, available: number): void {
  if (available < 0 || count * entryBytes > available)
    throw broken(type, `declares ${count} entries, more than it holds`);
}

function spend(count: number, budget: SampleBudget): void {
  budget.left -= count;
  if (budget.left < 0) {
    throw new OriginError(
      'too-complex',
      `The file declares more than ${MAX_SAMPLES} frames. Split it into shorter files.`,
    );
  }
}

function broken(type: string, what: string): OriginError {
  const name = /^[\x20-\x7e]{4}$/.test(type) ? type : 'unknown';
  return new OriginError(
    'bad-box',
    `The file is damaged: its ${name} box ${what}. Remux it: ffmpeg -i IN -c copy OUT.mp4`,
  );
}
