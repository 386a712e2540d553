import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { brotliCompress, brotliDecompress, deflate, gunzip, gzip, inflate } from 'node:zlib';
import { byName, withoutFields } from '../upstream/header-fields.js';
import { EMPTY_BODY } from '../upstream/stream-body.js';
import type {
  HeaderFields,
  Upstream,
  UpstreamBody,
  UpstreamRequest,
  UpstreamResponse,
} from '../upstream/upstream.js';
import { kindOf, steered } from './playlist.js';

/** Larger playlists go through as they are; a multivariant one has some kilobytes. */
const MAX_PLAYLIST_BYTES = 512 * 1024;

type Coder = (bytes: Buffer) => Promise<Buffer>;

const limit = { maxOutputLength: MAX_PLAYLIST_BYTES };
const CODINGS: Readonly<Record<string, { readonly decode: Coder; readonly encode: Coder }>> = {
  identity: { decode: async (bytes) => bytes, encode: async (bytes) => bytes },
  gzip: { decode: (bytes) => promisify(gunzip)(bytes, limit), encode: promisify<Buffer, Buffer>(gzip) },
  deflate: {
    decode: (bytes) => promisify(inflate)(bytes, limit),
    encode: promisify<Buffer, Buffer>(deflate),
  },
  br: {
    decode: (bytes) => promisify(brotliDecompress)(bytes, limit),
    encode: promisify<Buffer, Buffer>(brotliCompress),
  },
};

/** What is said of bytes that are not sent. */
const ABOUT_OTHER_BYTES = new Set([
  'content-length',
  'content-md5',
  'content-digest',
  'repr-digest',
  'digest',
]);
const CONDITIONS = new Set(['if-none-match', 'if-modified-since', 'if-match', 'if-unmodified-since']);
const RANGES = new Set(['range', 'if-range']);
/** What a tag of a steered playlist ends with: which pathway it names. */
const FORM = /-s[0-9a-f]{8}"/;
/** A tag begins so where the origin gave none. */
const OWN_TAG = 'eddy.';

/**
 * The same upstream, whose multivariant playlists have this CDN's steering in them. The cache holds them so, with a
 * length and an `ETag` of their own, and so ranges, HEAD and hits need to know nothing of it.
 *
 * @param base what the pathway of this edge is called
 */
export function withSteering(upstream: Upstream, base: string): Upstream {
  const form = `-s${createHash('sha256').update(base).digest('hex').slice(0, 8)}`;
  return {
    usesQuery: upstream.usesQuery,
    close: () => upstream.close(),
    async fetch(request, signal) {
      const { method = 'GET', path } = request;
      if ((method !== 'GET' && method !== 'HEAD') || !/\.m3u8$/i.test(path)) {
        return upstream.fetch(request, signal);
      }
      const { sent, tagIsOurs } = asked(request, form);
      const response = await upstream.fetch(sent, signal);
      const { status, headers, fields } = response;
      if (status === 304 && tagIsOurs && headers.etag !== undefined) {
        return withFields(response, retagged(fields, steeredTag(headers.etag, form)));
      }
      const answer = status === 200 ? await steer(response, { path, base, form }) : response;
      if (method === 'GET') return answer;
      answer.body.discard();
      return { ...answer, body: EMPTY_BODY };
    },
  };
}

interface Asked {
  readonly sent: UpstreamRequest;
  /** A 304 is about a playlist that was steered here. */
  readonly tagIsOurs: boolean;
}

/** All of it, since of a part nobody could tell what it is; under conditions only if what is held has today's form. */
function asked(request: UpstreamRequest, form: string): Asked {
  const { range: _range, ifRange: _ifRange, unlessEtag, unlessModifiedSince, ...rest } = request;
  const fields = withoutFields(request.fields ?? [], (name) => RANGES.has(name));
  const whole = { ...rest, method: 'GET', fields };
  const tags = `${unlessEtag ?? ''} ${byName(fields)['if-none-match'] ?? ''}`;
  if (!FORM.test(tags)) return { sent: { ...whole, unlessEtag, unlessModifiedSince }, tagIsOurs: false };
  const unconditional = { ...whole, fields: withoutFields(fields, (name) => CONDITIONS.has(name)) };
  if (unlessEtag?.endsWith(`${form}"`) !== true) return { sent: unconditional, tagIsOurs: false };
  const original = unlessEtag.startsWith(`"${OWN_TAG}`)
    ? undefined
    : `${unlessEtag.slice(0, -form.length - 1)}"`;
  return { sent: { ...unconditional, unlessEtag: original, unlessModifiedSince }, tagIsOurs: true };
}

async function steer(
  response: UpstreamResponse,
  { path, base, form }: { readonly path: string; readonly base: string; readonly form: string },
): Promise<UpstreamResponse> {
  const { headers } = response;
  const coding = headers['content-encoding']?.trim().toLowerCase() ?? 'identity';
  const coder = Object.hasOwn(CODINGS, coding) ? CODINGS[coding] : undefined;
  if (coder === undefined) return response;
  const pieces = response.body[Symbol.asyncIterator]();
  const held: Buffer[] = [];
  const asItIs = (): UpstreamResponse => ({ ...response, body: continued(held, pieces, response.body) });
  let heldBytes = 0;
  for (let next = await pieces.next(); next.done !== true; next = await pieces.next()) {
    held.push(next.value);
    heldBytes += next.value.length;
    if (heldBytes > MAX_PLAYLIST_BYTES) return asItIs();
    // Whoever waits for a playlist of segments waits no longer for this.
    const begun = coding === 'identity' ? kindOf(Buffer.concat(held).toString('latin1'), false) : undefined;
    if (begun === 'other') return asItIs();
  }
  const text = await coder.decode(Buffer.concat(held)).then(
    (bytes) => bytes.toString('latin1'),
    () => '',
  );
  const changed = kindOf(text, true) === 'multivariant' ? steered(text, path, base) : undefined;
  if (changed === undefined) return asItIs();
  const body = await coder.encode(Buffer.from(changed, 'latin1'));
  const kept = withoutFields(response.fields, (name) => ABOUT_OTHER_BYTES.has(name));
  const tag = headers.etag === undefined ? ownTag(body, form) : steeredTag(headers.etag, form);
  const fields = [...retagged(kept, tag), 'Content-Length', String(body.length)];
  return { ...withFields(response, fields), endIsKnown: true, body: continued([body]) };
}

function steeredTag(tag: string, form: string): string {
  return tag.endsWith('"') ? `${tag.slice(0, -1)}${form}"` : tag;
}

function ownTag(body: Buffer, form: string): string {
  return `"${OWN_TAG}${createHash('sha256').update(body).digest('hex').slice(0, 16)}${form}"`;
}

function retagged(fields: HeaderFields, tag: string): HeaderFields {
  return [...withoutFields(fields, (name) => name === 'etag'), 'ETag', tag];
}

function withFields(response: UpstreamResponse, fields: HeaderFields): UpstreamResponse {
  return { ...response, fields, headers: byName(fields) };
}

/** What was read of a body, and then the rest of it. */
function continued(
  held: readonly Buffer[],
  rest?: AsyncIterator<Buffer>,
  body: UpstreamBody = EMPTY_BODY,
): UpstreamBody {
  return {
    async *[Symbol.asyncIterator]() {
      try {
        yield* held;
        if (rest === undefined) return;
        for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value;
      } finally {
        body.discard();
      }
    },
    discard: () => body.discard(),
  };
}
