import { type BigIntStats, constants, type Stats } from 'node:fs';
import { type FileHandle, open, realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { type Clock, wallClock as systemWallClock } from '../components.js';
import { resolveRange } from '../ranges/ranges.js';
import { bareAnswer, methodNotAllowed } from './answer.js';
import { byName, fieldsOf } from './header-fields.js';
import { EMPTY_BODY } from './stream-body.js';
import type { Upstream, UpstreamBody, UpstreamRequest, UpstreamResponse } from './upstream.js';
import { messageOf, UpstreamError } from './upstream-error.js';

export interface FileUpstreamOptions {
  /** Absolute. Nothing outside of it is reached, through links neither. */
  readonly root: string;
  /** For `Date`. Default: the system's. */
  readonly wallClock?: Clock;
}

const READ_BYTES = 256 * 1024;
const MISSING: ReadonlySet<string> = new Set([
  'ENOENT',
  'ENOTDIR',
  'ELOOP',
  'ENAMETOOLONG',
  'EISDIR',
  'ENXIO',
]);

/** Regular files below a folder. Folders, devices and links that lead out are missing. */
export function createFileUpstream({ root, wallClock = systemWallClock }: FileUpstreamOptions): Upstream {
  return {
    usesQuery: false,
    close: async () => {},
    async fetch(request, signal) {
      signal.throwIfAborted();
      const { method = 'GET' } = request;
      if (method !== 'GET' && method !== 'HEAD') return methodNotAllowed();
      const handle = await openInside(root, request.path);
      if (handle === undefined) return bareAnswer(404);
      try {
        const response = await answer(handle, request, { signal, nowMs: wallClock.now() });
        if (response.body === EMPTY_BODY) await handle.close();
        return response;
      } catch (error) {
        await handle.close();
        throw error;
      }
    },
  };
}

async function openInside(root: string, path: string): Promise<FileHandle | undefined> {
  try {
    const realRoot = await realRootOf(root);
    const real = await realpath(join(realRoot, decodeURIComponent(path)));
    if (!real.startsWith(realRoot.endsWith(sep) ? realRoot : realRoot + sep)) return undefined;
    // Not to wait for a pipe's writer, and not to follow a link that was put there since.
    const handle = await open(real, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    if ((await realpath(real)) === real) return handle;
    await handle.close();
    return undefined;
  } catch (error) {
    if (error instanceof UpstreamError) throw error;
    const code = codeOf(error);
    if (code !== undefined && MISSING.has(code)) return undefined;
    const reason = code === 'EACCES' || code === 'EPERM' ? 'origin-refused' : 'origin-unreachable';
    throw new UpstreamError(reason, messageOf(error), { cause: error });
  }
}

/** A folder that is gone (a mount, say) is an origin that is down; its objects are not missing. */
async function realRootOf(root: string): Promise<string> {
  try {
    return await realpath(root);
  } catch (error) {
    throw new UpstreamError('origin-unreachable', `the folder ${root}: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

async function answer(
  handle: FileHandle,
  request: UpstreamRequest,
  { signal, nowMs }: { readonly signal: AbortSignal; readonly nowMs: number },
): Promise<UpstreamResponse> {
  const stats = await handle.stat({ bigint: true });
  if (!stats.isFile()) return bareAnswer(404);
  const { etag, lastModified } = validatorsOf(stats);
  const known = { Date: new Date(nowMs).toUTCString(), ETag: etag, 'Last-Modified': lastModified };
  if (isUnchanged(request, stats)) return bareAnswer(304, fieldsOf(known));
  const totalBytes = Number(stats.size);
  const asked = request.method === 'HEAD' || !stillThat(request, stats) ? undefined : request.range;
  const range = resolveRange(asked, totalBytes);
  if (range === 'unsatisfiable') {
    return bareAnswer(416, fieldsOf({ Date: known.Date, 'Content-Range': `bytes */${totalBytes}` }));
  }
  const { start, end } = range === 'whole' ? { start: 0, end: totalBytes - 1 } : range;
  const fields = fieldsOf({
    ...known,
    'Accept-Ranges': 'bytes',
    'Content-Range': range === 'whole' ? undefined : `bytes ${start}-${end}/${totalBytes}`,
    'Content-Length': String(end - start + 1),
  });
  return {
    status: range === 'whole' ? 200 : 206,
    ...{ fields, headers: byName(fields), endIsKnown: true },
    body:
      request.method === 'HEAD'
        ? EMPTY_BODY
        : fileBody(handle, { start, end, mtimeNs: stats.mtimeNs, signal }),
  };
}

function validatorsOf(stats: BigIntStats): { etag: string; lastModified: string } {
  return {
    etag: `"${stats.size.toString(36)}-${stats.mtimeNs.toString(36)}"`,
    lastModified: new Date(Number(stats.mtimeMs)).toUTCString(),
  };
}

/** RFC 9110 section 13.2.2: the date counts only where no ETag is given. */
function isUnchanged({ unlessEtag, unlessModifiedSince }: UpstreamRequest, stats: BigIntStats): boolean {
  if (unlessEtag !== undefined) return unlessEtag === validatorsOf(stats).etag;
  if (unlessModifiedSince === undefined) return false;
  const sinceMs = Date.parse(unlessModifiedSince);
  return Math.floor(Number(stats.mtimeMs) / 1000) * 1000 <= sinceMs;
}

/** RFC 9110 section 13.1.5: exactly the same, ETag or date. */
function stillThat({ ifRange }: UpstreamRequest, stats: BigIntStats): boolean {
  if (ifRange === undefined) return true;
  const { etag, lastModified } = validatorsOf(stats);
  return ifRange === etag || ifRange === lastModified;
}

interface FilePart {
  readonly start: number;
  readonly end: number;
  readonly mtimeNs: bigint;
  readonly signal: AbortSignal;
}

function fileBody(handle: FileHandle, { start, end, mtimeNs, signal }: FilePart): UpstreamBody {
  let open = true;
  const close = (): void => {
    if (!open) return;
    open = false;
    // Node lets reads under way end before it closes; that one fails then is nobody's concern any more.
    handle.close().catch(() => {});
  };
  return {
    async *[Symbol.asyncIterator]() {
      try {
        for (let at = start; at <= end; ) {
          if (!open) throw new UpstreamError('origin-cut', 'discarded');
          signal.throwIfAborted();
          const { bytesRead, buffer } = await read(handle, at, Math.min(READ_BYTES, end - at + 1));
          if (bytesRead === 0) throw new UpstreamError('origin-length', `the file ended at byte ${at}`);
          at += bytesRead;
          yield buffer.subarray(0, bytesRead);
        }
        // Rewritten in place while it was read: the bytes may be of two versions.
        const now = await statOf(handle);
        if (now.mtimeNs !== mtimeNs) throw new UpstreamError('origin-changed', 'the file was written to');
      } finally {
        close();
      }
    },
    discard: close,
  };
}

async function read(
  handle: FileHandle,
  position: number,
  length: number,
): Promise<{ bytesRead: number; buffer: Buffer }> {
  try {
    return await handle.read(Buffer.allocUnsafe(length), 0, length, position);
  } catch (error) {
    throw new UpstreamError('origin-cut', messageOf(error), { cause: error });
  }
}

async function statOf(handle: FileHandle): Promise<{ mtimeNs: bigint }> {
  try {
    return await handle.stat({ bigint: true });
  } catch (error) {
    throw new UpstreamError('origin-cut', messageOf(error), { cause: error });
  }
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** Whether the folder is there, for a clear error at the start. */
export async function isFolder(path: string): Promise<boolean> {
  try {
    const stats: Stats = await stat(path);
    return stats.isDirectory();
  } catch {
    return false;
  }
}
