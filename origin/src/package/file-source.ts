import { type FileHandle, open } from 'node:fs/promises';
import { OriginError } from '../errors.js';

/** Random reads of one input file. */
export interface FileSource {
  /** As the user gave it, for messages. */
  readonly name: string;
  readonly bytes: number;
  /**
   * Exactly `length` bytes from `position`.
   * @throws OriginError `truncated` when the file ends before.
   */
  read(position: number, length: number): Promise<Buffer>;
  close(): Promise<void>;
}

/** @throws OriginError `unreadable` when there is no such regular file or it may not be read. */
export async function openFileSource(path: string): Promise<FileSource> {
  let handle: FileHandle;
  try {
    handle = await open(path, 'r');
  } catch (cause) {
    throw new OriginError('unreadable', `Cannot read ${path}: ${reason(cause)}. Check the path.`, cause);
  }
  const stat = await handle.stat();
  if (!stat.isFile()) {
    await handle.close();
    throw new OriginError('unreadable', `Cannot read ${path}: it is not a regular file.`);
  }
  return {
    name: path,
    bytes: stat.size,
    async read(position, length) {
      const buffer = Buffer.allocUnsafe(length);
      let done = 0;
      while (done < length) {
        const { bytesRead } = await handle.read(buffer, done, length - done, position + done);
        if (bytesRead === 0) {
          throw new OriginError('truncated', `${path} ends at byte ${position + done}. Copy it again.`);
        }
        done += bytesRead;
      }
      return buffer;
    },
    close: () => handle.close(),
  };
}

function reason(cause: unknown): string {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  if (code === 'ENOENT') return 'no such file';
  if (code === 'EACCES') return 'permission denied';
  return cause instanceof Error ? cause.message : String(cause);
}
