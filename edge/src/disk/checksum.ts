/** Bytes under one checksum: what a range read must verify at least. */
export const BLOCK_BYTES = 65_536;

/**
 * 32-bit checksum against torn writes and rot, not against forgers. Four SIMD accumulators of four lanes take 64 bytes
 * a step: `lane = rotl((lane ^ word) * PRIME, 13)`. Each step is a bijection of lane and of word, so that any change
 * within one word is always seen; others are missed once in 2^32. WebAssembly, since `zlib.crc32` of Node 20 takes four
 * times as long (docs/decisions/0065).
 *
 * @param seed Distinguishes equal bytes in different places.
 */
export function checksum(bytes: Uint8Array, seed: number): number {
  let sum = (seed ^ Math.imul(bytes.length, PRIME)) | 0;
  for (let offset = 0; offset < bytes.length; offset += BLOCK_BYTES) {
    const block = bytes.subarray(offset, Math.min(offset + BLOCK_BYTES, bytes.length));
    const padded = Math.ceil(block.length / STEP_BYTES) * STEP_BYTES;
    scratch.set(block);
    // The length is in the seed, so that padding cannot be taken for content.
    if (padded > block.length) scratch.fill(0, block.length, padded);
    sum = blockSum(padded, sum);
  }
  return sum >>> 0;
}

const PRIME = 0x9e3779b1 | 0;
const STEP_BYTES = 64;
const ROTATION = 13;
/** Digits of pi, one for each accumulator. */
const SEEDS = [0x243f6a88, 0x85a308d3 | 0, 0x13198a2e, 0x03707344] as const;

/** The part of the global that is used; `lib.dom` would bring a browser's other names along. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: Readonly<Record<string, unknown>> };
};

const { scratch, blockSum } = instantiate();

function instantiate(): {
  scratch: Uint8Array;
  blockSum: (bytes: number, seed: number) => number;
} {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(assemble()));
  const { memory, sum } = exports;
  if (typeof memory !== 'object' || memory === null || !('buffer' in memory) || typeof sum !== 'function') {
    throw new Error('the checksum module exports something else');
  }
  if (!(memory.buffer instanceof ArrayBuffer)) throw new Error('the checksum module has no memory');
  return { scratch: new Uint8Array(memory.buffer), blockSum: (bytes, seed) => Number(sum(bytes, seed)) };
}

/** `sum(end, seed)`: the checksum of bytes 0 to `end`, a positive multiple of 64, of the module's one page. */
function assemble(): Uint8Array {
  const [END, SEED, AT, ACCUMULATOR, PRIMES, TURNED, RESULT] = [0, 1, 2, 3, 7, 8, 9] as const;
  const get = (local: number): number[] => [0x20, local];
  const set = (local: number): number[] => [0x21, local];
  const tee = (local: number): number[] => [0x22, local];
  const constant = (value: number): number[] => [0x41, ...signed(value)];
  const xor32 = [0x73];
  const mul32 = [0x6c];
  const simd = (code: number): number[] => [0xfd, ...unsigned(code)];
  const [splat, lane, or, xor, shl, shr, mul] = [0x11, 0x1b, 0x50, 0x51, 0xab, 0xad, 0xb5].map(simd);
  const load = (offset: number): number[] => [...get(AT), ...simd(0), 0, ...unsigned(offset)];
  const vectors = [0, 1, 2, 3].map((index) => ACCUMULATOR + index);
  const mix = (vector: number, word: readonly number[]): number[] => [
    ...[...get(vector), ...word, ...(xor ?? []), ...get(PRIMES), ...(mul ?? []), ...tee(TURNED)],
    ...[...constant(ROTATION), ...(shl ?? []), ...get(TURNED), ...constant(32 - ROTATION), ...(shr ?? [])],
    ...[...(or ?? []), ...set(vector)],
  ];
  const mixLane = (index: number): number[] => [
    ...[...get(RESULT), ...get(ACCUMULATOR), ...(lane ?? []), index, ...xor32],
    ...[...constant(PRIME), ...mul32, ...constant(ROTATION), 0x77, ...set(RESULT)],
  ];
  const code = [
    ...[3, 1, 0x7f, 6, 0x7b, 1, 0x7f],
    ...[...constant(PRIME), ...(splat ?? []), ...set(PRIMES)],
    ...vectors.flatMap((vector, index) => [
      ...[...constant(SEEDS[index] ?? 0), ...get(SEED), ...xor32, ...(splat ?? []), ...set(vector)],
    ]),
    ...[0x03, 0x40],
    ...vectors.flatMap((vector, index) => mix(vector, load(16 * index))),
    ...[...get(AT), ...constant(STEP_BYTES), 0x6a, ...tee(AT), ...get(END), 0x49, 0x0d, 0, 0x0b],
    ...vectors.slice(1).flatMap((vector) => mix(ACCUMULATOR, get(vector))),
    ...[0, 1, 2, 3].flatMap(mixLane),
    ...[...get(RESULT), 0x0b],
  ];
  const name = (text: string): number[] => [text.length, ...Buffer.from(text)];
  return new Uint8Array([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, 0x60, 2, 0x7f, 0x7f, 1, 0x7f]),
    ...section(3, [1, 0]),
    ...section(5, [1, 1, 1, 1]),
    ...section(7, [2, ...name('sum'), 0, 0, ...name('memory'), 2, 0]),
    ...section(10, [1, ...unsigned(code.length), ...code]),
  ]);
}

function section(id: number, content: readonly number[]): number[] {
  return [id, ...unsigned(content.length), ...content];
}

/** LEB128. */
function unsigned(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...unsigned(value >>> 7)];
}

function signed(value: number): number[] {
  const low = value & 127;
  const rest = value >> 7;
  const ends = (rest === 0 && (low & 64) === 0) || (rest === -1 && (low & 64) !== 0);
  return ends ? [low] : [low | 128, ...signed(rest)];
}
