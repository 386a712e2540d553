import { access, constants, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface TemporaryFolder {
  readonly path: string;
  /** Whether its files live in memory. */
  readonly inMemory: boolean;
  readonly remove: () => Promise<void>;
}

/** A folder of our own, on tmpfs where the machine has one at /dev/shm. */
export async function temporaryFolder(): Promise<TemporaryFolder> {
  const inMemory = await access('/dev/shm', constants.W_OK).then(
    () => true,
    () => false,
  );
  const path = await mkdtemp(join(inMemory ? '/dev/shm' : tmpdir(), 'eddy-bench-'));
  return { path, inMemory, remove: () => rm(path, { recursive: true, force: true }) };
}
