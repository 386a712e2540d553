import { errorCode } from './file-system.js';

/** A file that should be there whole is not. */
export class TornError extends Error {
  override readonly name = 'TornError';

  constructor(key: string) {
    super(`the file of ${key} is torn or rotten`);
  }
}

export function isFull(error: unknown): boolean {
  return ['ENOSPC', 'EDQUOT'].includes(errorCode(error));
}

/** Of descriptors: says nothing about the disk. */
export function isOutOfFiles(error: unknown): boolean {
  return ['EMFILE', 'ENFILE'].includes(errorCode(error));
}
