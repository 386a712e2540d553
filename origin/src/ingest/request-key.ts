import { OriginError } from '../errors.js';
import { checkKey } from '../storage/key.js';

/**
 * Key of a request by its raw target, before anything has resolved dots in it.
 * @throws OriginError `bad-key` for every path that is not plainly one object: dots, doubled, encoded or back slashes.
 */
export function requestKey(rawTarget: string): string {
  const path = rawTarget.split('?', 1)[0] ?? '';
  let key: string;
  try {
    key = decodeURIComponent(path.replace(/^\//, ''));
  } catch {
    throw new OriginError('bad-key', 'The path is not valid percent-encoding.');
  }
  if (!path.startsWith('/') || /%2f|%5c/i.test(path))
    throw new OriginError('bad-key', 'The path has encoded slashes or no slash at its start.');
  return checkKey(key);
}
