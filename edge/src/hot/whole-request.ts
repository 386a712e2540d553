/**
 * One GET as it stands in a chunk of a connection: complete, without body, with nothing behind it. Only what is
 * strictly valid becomes one (RFC 9112), so a laxer reader of the same bytes sees the same request.
 */
export interface WholeRequest {
  /** Origin-form, as sent. */
  readonly target: string;
  /** The one `Host`, as sent. */
  readonly host: string;
  /** The one `Cookie` and the one `Origin`, as sent. */
  readonly cookie: string | undefined;
  readonly origin: string | undefined;
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
/** They say that a body follows: such a request does not end where its header does. */
const FRAMING = new Set(['content-length', 'transfer-encoding']);

/** Path and query of characters that need no decoding; `%` only in the query, which names no object here. */
const REQUEST_LINE =
  /^GET (\/[A-Za-z0-9\-._~!$&'()*+,;=:@/]*(?:\?[A-Za-z0-9\-._~!$&'()*+,;=:@/?%]*)?) HTTP\/1\.1$/;
/** No folding, no space before the colon, no control characters. */
const FIELD = /^([A-Za-z][A-Za-z0-9-]*): ?([\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?)?$/;
const HOST = /^(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?$/;
const CR = 13;
const LF = 10;
const G = 71;

type Fields = Omit<WholeRequest, 'target'>;

/**
 * Reads chunks of one connection. A client's requests differ little from each other, so what was found out about the
 * same bytes a moment ago is not found out again.
 */
export class WholeRequestReader {
  readonly #maxBytes: number;
  readonly #deciding: ReadonlySet<string>;
  #text = '';
  #request: WholeRequest | undefined;
  #block = '';
  #fields: Fields | undefined;

  constructor({ maxBytes, decidingFields = [] }: WholeRequestOptions) {
    this.#maxBytes = maxBytes;
    this.#deciding = new Set([...DECIDING, ...decidingFields]);
  }

  /** Undefined: the chunk is anything else than one whole GET. */
  read(chunk: Buffer): WholeRequest | undefined {
    const { length } = chunk;
    if (length > this.#maxBytes || chunk[0] !== G) return undefined;
    if (chunk[length - 1] !== LF || chunk[length - 2] !== CR || chunk[length - 3] !== LF) return undefined;
    const text = chunk.toString('latin1');
    if (text === this.#text) return this.#request;
    this.#text = text;
    this.#request = this.#parse(text);
    return this.#request;
  }

  #parse(text: string): WholeRequest | undefined {
    const lineEnd = text.indexOf('\r\n');
    const target = REQUEST_LINE.exec(text.slice(0, lineEnd))?.[1];
    if (target === undefined) return undefined;
    const block = text.slice(lineEnd + 2);
    if (block !== this.#block) {
      this.#block = block;
      this.#fields = readFields(block, this.#deciding);
    }
    return this.#fields === undefined ? undefined : { target, ...this.#fields };
  }
}

/** `block` is all after the request line. Undefined: not strictly valid, or not the end of the request. */
function readFields(block: string, deciding: ReadonlySet<string>): Fields | undefined {
  const lines = block.split('\r\n');
  // The block ends in an empty line, and has no other.
  if (lines.pop() !== '' || lines.pop() !== '') return undefined;
  let host: string | undefined;
  let cookie: string | undefined;
  let origin: string | undefined;
  let plain = true;
  for (const line of lines) {
    const match = FIELD.exec(line);
    if (match === null) return undefined;
    const [, name = '', value = ''] = match;
    const lower = name.toLowerCase();
    if (FRAMING.has(lower)) return undefined;
    if (lower === 'host') {
      if (host !== undefined || !HOST.test(value)) return undefined;
      host = value;
    } else if (lower === 'cookie') {
      // How several are joined is for others to know.
      if (cookie !== undefined) plain = false;
      cookie = value;
    } else if (lower === 'origin') {
      if (origin !== undefined) plain = false;
      origin = value;
    } else if (lower === 'connection') {
      plain &&= value.toLowerCase() === 'keep-alive';
    }
    if (deciding.has(lower) || DECIDING_PREFIX.test(lower)) plain = false;
  }
  return host === undefined ? undefined : { host, cookie, origin, fieldCount: lines.length, plain };
}
