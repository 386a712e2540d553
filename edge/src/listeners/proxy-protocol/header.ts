import { isIPv4, isIPv6 } from 'node:net';

/**
 * The PROXY protocol, versions 1 and 2 (haproxy.org, doc/proxy-protocol.txt): what a balancer says of a connection
 * before the connection itself begins.
 */

/** Whom a balancer speaks for. */
export interface ProxiedSource {
  readonly address: string;
  readonly port: number;
}

export type ProxyHeader =
  /** More bytes are needed to tell. */
  | { readonly is: 'incomplete' }
  /** The first bytes are of something else. */
  | { readonly is: 'absent' }
  | { readonly is: 'malformed' }
  /** `source` is undefined where the balancer speaks for itself (LOCAL, UNKNOWN) or of a UNIX socket. */
  | { readonly is: 'header'; readonly bytes: number; readonly source: ProxiedSource | undefined };

/** "PROXY UNKNOWN " with the longest addresses, and CR LF (section 2.1). */
const MAX_V1_BYTES = 107;
const V1_START = Buffer.from('PROXY ', 'latin1');
const V2_START = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1');
const V2_FIXED_BYTES = 16;
/** Room for addresses and the TLVs that balancers send; a certificate needs more than anybody here reads. */
const MAX_V2_BYTES = V2_FIXED_BYTES + 4096;

/** The most that has to be held before it is known what a connection begins with. */
export const MAX_PROXY_HEADER_BYTES: number = MAX_V2_BYTES;

const INCOMPLETE = { is: 'incomplete' } as const;
const ABSENT = { is: 'absent' } as const;
const MALFORMED = { is: 'malformed' } as const;

/** Reads what a connection begins with. Bytes after the header are not looked at. */
export function parseProxyHeader(bytes: Buffer): ProxyHeader {
  const asV2 = compareStart(bytes, V2_START);
  if (asV2 !== 'other') return asV2 === 'all' ? parseV2(bytes) : INCOMPLETE;
  const asV1 = compareStart(bytes, V1_START);
  if (asV1 !== 'other') return asV1 === 'all' ? parseV1(bytes) : INCOMPLETE;
  return ABSENT;
}

function compareStart(bytes: Buffer, start: Buffer): 'all' | 'part' | 'other' {
  const length = Math.min(bytes.length, start.length);
  if (bytes.compare(start, 0, length, 0, length) !== 0) return 'other';
  return length === start.length ? 'all' : 'part';
}

const V1 =
  /^PROXY (?:UNKNOWN(?: [^\r\n]*)?|(TCP4|TCP6) ([0-9a-fA-F.:]{2,39}) ([0-9a-fA-F.:]{2,39}) (\d{1,5}) (\d{1,5}))$/;

function parseV1(bytes: Buffer): ProxyHeader {
  const end = bytes.subarray(0, MAX_V1_BYTES).indexOf('\r\n', 0, 'latin1');
  if (end === -1) return bytes.length >= MAX_V1_BYTES ? MALFORMED : INCOMPLETE;
  const match = V1.exec(bytes.toString('latin1', 0, end));
  if (match === null) return MALFORMED;
  const header = { is: 'header', bytes: end + 2 } as const;
  const [, family, address = '', destination = '', from = '', to = ''] = match;
  if (family === undefined) return { ...header, source: undefined };
  const isRight = family === 'TCP4' ? isIPv4 : isIPv6;
  if (!isRight(address) || !isRight(destination)) return MALFORMED;
  if (![from, to].every((port) => Number(port) <= 65_535 && String(Number(port)) === port)) return MALFORMED;
  return { ...header, source: { address, port: Number(from) } };
}

function parseV2(bytes: Buffer): ProxyHeader {
  if (bytes.length < V2_FIXED_BYTES) return INCOMPLETE;
  const versionAndCommand = bytes.readUInt8(12);
  const family = bytes.readUInt8(13) >> 4;
  const transport = bytes.readUInt8(13) & 0x0f;
  const length = bytes.readUInt16BE(14);
  const command = versionAndCommand & 0x0f;
  if (versionAndCommand >> 4 !== 2 || command > 1 || family > 3 || transport > 2) return MALFORMED;
  const end = V2_FIXED_BYTES + length;
  if (end > MAX_V2_BYTES) return MALFORMED;
  if (bytes.length < end) return INCOMPLETE;
  const header = { is: 'header', bytes: end } as const;
  // LOCAL: the balancer's own health check, whatever the addresses say (section 2.2).
  if (command === 0) return { ...header, source: undefined };
  if (family === 1) {
    if (length < 12) return MALFORMED;
    const address = bytes.subarray(16, 20).join('.');
    return { ...header, source: { address, port: bytes.readUInt16BE(24) } };
  }
  if (family === 2) {
    if (length < 36) return MALFORMED;
    const groups = Array.from({ length: 8 }, (_, index) => bytes.readUInt16BE(16 + 2 * index).toString(16));
    return { ...header, source: { address: groups.join(':'), port: bytes.readUInt16BE(48) } };
  }
  return family === 3 && length < 216 ? MALFORMED : { ...header, source: undefined };
}
