import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { OriginError } from '../errors.js';
import { folderStore } from './folder-store.js';
import type { ObjectStore } from './object-store.js';
import { s3Store } from './s3-store.js';

/**
 * The store that a URL names: `file:///dir`, `s3://bucket/prefix`, or a path that begins with `/` or `.`, as shells
 * complete them. S3's endpoint, region and credentials come from the usual AWS variables.
 *
 * @throws OriginError `bad-url`.
 */
export function openStore(url: string): ObjectStore {
  if (/^(\/|\.\.?(\/|$))/.test(url)) return folderStore(resolve(url));
  let parsed: URL;
  try {
    parsed = new URL(url);
  } catch {
    throw wrong(url);
  }
  if (parsed.search !== '' || parsed.hash !== '' || parsed.username !== '' || parsed.password !== '') {
    throw new OriginError(
      'bad-url',
      `A store's URL has no user, query or fragment. Credentials come from the AWS variables.`,
    );
  }
  if (parsed.protocol === 'file:') {
    if (parsed.host !== '')
      throw new OriginError(
        'bad-url',
        `"${url}" names a host. A folder's URL has three slashes: file:///dir`,
      );
    return folderStore(resolve(fileURLToPath(parsed)));
  }
  if (parsed.protocol === 's3:' && parsed.hostname !== '') {
    const prefix = decodeURIComponent(parsed.pathname).replace(/^\/+|\/+$/g, '');
    return s3Store({ bucket: parsed.hostname, ...(prefix !== '' && { prefix }) });
  }
  throw wrong(url);
}

function wrong(url: string): OriginError {
  return new OriginError(
    'bad-url',
    `"${url.slice(0, 200)}" is not a store. Use file:///dir or s3://bucket/prefix.`,
  );
}
