import { ownText } from '../own-text.js';

/**
 * One GET without body, or one POST with a body of ASCII, as it stands in a chunk of a connection: complete, with nothing
 * behind it. Only what is strictly valid becomes one (RFC 9112), so a laxer reader of the same bytes sees the same
 * request.
 */
export interface WholeRequest {
  readonly method: 'GET' | 'POST';
  /** Origin-form, as sent. */
  readonly target: string;
  /** The one `Host`, as sent. */
  readonly host: string;
  /** The one `Cookie` and the one `Origin`, as sent. */
  readonly cookie: string | undefined;
  readonly origin: string | undefined;
  /** Of a POST; empty for a GET. */
  readonly userAgent: string | undefined;
  readonly body: string;
  readonly fieldCount: number;
  /** No field asks for anything but the plain answer over a connection that is kept. */
  readonly plain: boolean;
}

export interface WholeRequestOptions {
  /** Larger chunks are left alone. */
  readonly maxBytes: number;
  /** Lower-case names of more fields that may change the answer; a request that has one is not plain. */
  readonly decidingFields?: readonly string[];
}

/** Fields that may change the answer to a GET, or what happens to its connection. */
const DECIDING: readonly string[] = [
  ...['authorization', 'cache-control', 'cdn-loop', 'expect', 'http2-settings', 'keep-alive', 'max-forwards'],
  ...['pragma', 'range', 'te', 'trailer', 'upgrade'],
];
const DECIDING_PREFIX = /^(?:if-|proxy-|sec-websocket-)/;

/** Path and query of characters that need no decoding; `%` only in the query, which names no object here. */
const REQUEST_LINE =
  /^(?:GET|POST) (\/[A-Za-z0-9\-._~!$&'()*+,;=:@/]*(?:\?[A-Za-z0-9\-._~!$&'()*+,;=:@/?%]*)?) HTTP\/1\.1$/;
/** No folding, no space before the colon, no control characters. */
const FIELD = /^([A-Za-z][A-Za-z0-9-]*): ?([\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?)?$/;
const HOST = /^(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?$/;
const LENGTH = /^(?:0|[1-9][0-9]{0,5})$/;
const LENGTH_FIELD = '\r\nContent-Length: ';
/** No control characters but the end of a line, nothing beyond ASCII. */
const PLAIN_TEXT = /^[\n\r\x20-\x7e]*$/;
const CR = 13;
const LF = 10;
const G = 71;
const P = 80;

interface Fields
  extends Pick<WholeRequest, 'host' | 'cookie' | 'origin' | 'userAgent' | 'fieldCount' | 'plain'> {
  readonly bodyBytes: number | undefined;
}

/** What was found out about all after a request line. */
interface Known {
  readonly block: string;
  /** Undefined: not strictly valid. */
  readonly fields: Fields | undefined;
  /** What stands before and after the length of a body. */
  readonly around: readonly [string, string] | undefined;
}

/**
 * Reads chunks of one connection. A client's requests differ little from each other, so what was found out about the
 * same bytes a moment ago is not found out again.
 */
export class WholeRequestReader {
  readonly #maxBytes: number;
  readonly #deciding: ReadonlySet<string>;
  #text = '';
  #request: WholeRequest | undefined;
  #known: Known | undefined;

  constructor({ maxBytes, decidingFields = [] }: WholeRequestOptions) {
    this.#maxBytes = maxBytes;
    this.#deciding = new Set([...DECIDING, ...decidingFields]);
  }

  /** Undefined: the chunk is anything else than one whole GET or POST. */
  read(chunk: Buffer): WholeRequest | undefined {
    const { length } = chunk;
    if (length > this.#maxBytes) return undefined;
    if (chunk[0] === P) return this.#readPost(chunk.toString('latin1'));
    if (chunk[0] !== G) return undefined;
    if (chunk[length - 1] !== LF || chunk[length - 2] !== CR || chunk[length - 3] !== LF) return undefined;
    const text = chunk.toString('latin1');
    if (text === this.#text) return this.#request;
    this.#text = text;
    this.#request = this.#parse(text, 'GET', '');
    return this.#request;
  }

  /** No two bodies are alike, so nothing is kept but the fields. */
  #readPost(text: string): WholeRequest | undefined {
    const end = text.indexOf('\r\n\r\n') + 4;
    const body = text.slice(end);
    if (end === 3 || !PLAIN_TEXT.test(body)) return undefined;
    return this.#parse(text.slice(0, end), 'POST', body);
  }

  #parse(head: string, method: WholeRequest['method'], body: string): WholeRequest | undefined {
    const lineEnd = head.indexOf('\r\n');
    const line = head.slice(0, lineEnd);
    const target = REQUEST_LINE.exec(line)?.[1];
    if (target === undefined || !line.startsWith(method)) return undefined;
    const found = this.#fieldsOf(head.slice(lineEnd + 2), method);
    if (found === undefined) return undefined;
    const { bodyBytes, ...fields } = found;
    if (bodyBytes !== (method === 'GET' ? undefined : body.length)) return undefined;
    return { method, target, body, ...fields };
  }

  #fieldsOf(block: string, method: WholeRequest['method']): Fields | undefined {
    const again = this.#known === undefined ? undefined : readAgain(block, this.#known);
    if (again !== undefined) return again;
    // A part of a POST would keep its body in memory until the next one.
    this.#known = readBlock(method === 'POST' ? ownText(block) : block, this.#deciding);
    return this.#known.fields;
  }
}

/** Undefined: it differs by more than the length of the body. */
function readAgain(block: string, known: Known): Fields | undefined {
  if (block === known.block) return known.fields;
  const { fields, around } = known;
  if (fields === undefined || around === undefined) return undefined;
  const [before, after] = around;
  if (!block.startsWith(before) || !block.endsWith(after)) return undefined;
  const length = block.slice(before.length, block.length - after.length);
  return LENGTH.test(length) ? { ...fields, bodyBytes: Number(length) } : undefined;
}

function readBlock(block: string, deciding: ReadonlySet<string>): Known {
  const fields = readFields(block, deciding);
  const at = block.indexOf(LENGTH_FIELD);
  if (fields === undefined || at === -1) return { block, fields, around: undefined };
  const start = at + LENGTH_FIELD.length;
  const around = [block.slice(0, start), block.slice(block.indexOf('\r\n', start))] as const;
  return { block, fields, around };
}

/** `block` is all after the request line. Undefined: not strictly valid, or not the end of the request. */
function readFields(block: string, deciding: ReadonlySet<string>): Fields | undefined {
  const lines = block.split('\r\n');
  // The block ends in an empty line, and has no other.
  if (lines.pop() !== '' || lines.pop() !== '') return undefined;
  let host: string | undefined;
  let cookie: string | undefined;
  let origin: string | undefined;
  let userAgent: string | undefined;
  let bodyBytes: number | undefined;
  let plain = true;
  for (const line of lines) {
    const match = FIELD.exec(line);
    if (match === null) return undefined;
    const [, name = '', value = ''] = match;
    const lower = name.toLowerCase();
    // Where a body ends is only believed if it is said once, and in one way.
    if (lower === 'transfer-encoding') return undefined;
    if (lower === 'content-length') {
      if (bodyBytes !== undefined || !LENGTH.test(value)) return undefined;
      bodyBytes = Number(value);
    } else if (lower === 'host') {
      if (host !== undefined || !HOST.test(value)) return undefined;
      host = value;
    } else if (lower === 'cookie') {
      // How several are joined is for others to know.
      if (cookie !== undefined) plain = false;
      cookie = value;
    } else if (lower === 'origin') {
      if (origin !== undefined) plain = false;
      origin = value;
    } else if (lower === 'user-agent') {
      if (userAgent !== undefined) plain = false;
      userAgent = value;
    } else if (lower === 'connection') {
      plain &&= value.toLowerCase() === 'keep-alive';
    }
    if (deciding.has(lower) || DECIDING_PREFIX.test(lower)) plain = false;
  }
  if (host === undefined) return undefined;
  return { host, cookie, origin, userAgent, bodyBytes, fieldCount: lines.length, plain };
}
