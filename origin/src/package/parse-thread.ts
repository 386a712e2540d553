import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { OriginError, type OriginErrorCode } from '../errors.js';
import type { Track } from './sample-table.js';
import type { Metadata } from './scan.js';

export type ParseReply =
  | { readonly tracks: Track[] }
  | { readonly failure: { readonly code: OriginErrorCode; readonly message: string } };

export interface ParseLimits {
  /** Heap of the thread, MiB. Tables themselves lie outside of it. Default 1024. */
  readonly heapMiB?: number;
  /** Default 60,000. */
  readonly deadlineMs?: number;
}

/**
 * The worker runs from `dist` also when this module is run from source (tests, tsx): Node 20 cannot run
 * TypeScript in a thread. `npm test` builds first.
 */
export function workerUrl(moduleUrl: string = import.meta.url): URL {
  return moduleUrl.endsWith('.ts')
    ? new URL('../../dist/package/parse-worker.js', moduleUrl)
    : new URL('./parse-worker.js', moduleUrl);
}

/**
 * Parses boxes in a thread with a heap cap and a deadline: whatever a crafted file makes the parser do ends there.
 * @throws OriginError as `parseMetadata`; `too-complex` when the thread ran out of heap or time.
 */
export function parseInThread(
  metadata: Metadata,
  limits: ParseLimits = {},
  entry: URL = workerUrl(),
): Promise<Track[]> {
  const { heapMiB = 1024, deadlineMs = 60_000 } = limits;
  return new Promise((resolve, reject) => {
    const worker = new Worker(fileURLToPath(entry), {
      workerData: metadata,
      resourceLimits: { maxOldGenerationSizeMb: heapMiB },
      // mp4box complains on the console; our own error says it.
      stderr: true,
      stdout: true,
      execArgv: [],
    });
    const deadline = setTimeout(() => {
      settle(() =>
        reject(
          new OriginError(
            'too-complex',
            `The file's headers took longer than ${deadlineMs / 1000} s to read. Remux it: ffmpeg -i IN -c copy OUT.mp4`,
          ),
        ),
      );
    }, deadlineMs);
    const settle = (finish: () => void): void => {
      clearTimeout(deadline);
      worker.removeAllListeners('exit');
      worker.terminate().then(finish, finish);
    };
    worker.once('message', (reply: ParseReply) => {
      settle(() => {
        if ('tracks' in reply) resolve(reply.tracks);
        else reject(new OriginError(reply.failure.code, reply.failure.message));
      });
    });
    worker.once('error', (cause) => {
      const outOfHeap = 'code' in cause && cause.code === 'ERR_WORKER_OUT_OF_MEMORY';
      const message = outOfHeap
        ? `The file's headers need more than ${heapMiB} MiB to read. Split it into shorter files.`
        : `The file's headers cannot be read: ${cause.message}`;
      settle(() => reject(new OriginError(outOfHeap ? 'too-complex' : 'bad-box', message, cause)));
    });
    worker.once('exit', (status) =>
      settle(() => reject(new OriginError('bad-box', `The parser stopped (${status}).`))),
    );
  });
}
