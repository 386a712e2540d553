import { OriginError } from '../errors.js';

/** Longest key of S3. */
export const MAX_KEY_BYTES = 1024;

/**
 * Lets only keys through that name the same object in a folder, in S3 and in a URL: no empty, `.` or `..` part, no
 * leading slash, no backslash, nothing that needs escaping in a path but letters of other scripts.
 * @throws OriginError `bad-key`.
 */
export function checkKey(key: string): string {
  const parts = key.split('/');
  const bad =
    key.length === 0 ||
    Buffer.byteLength(key) > MAX_KEY_BYTES ||
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
    /[\u0000-\u001f\u007f\\?#%]/.test(key) ||
    parts.some((part) => part === '' || part === '.' || part === '..' || part.endsWith(TEMPORARY_SUFFIX));
  if (bad)
    throw new OriginError(
      'bad-key',
      `"${key.slice(0, 80).replace(/\p{C}/gu, '?')}" cannot be an object's name. Use plain parts with / between.`,
    );
  return key;
}

/** Files of the folder store that are not objects yet. */
export const TEMPORARY_SUFFIX = '.eddy-part';
