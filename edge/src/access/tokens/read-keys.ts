import { open } from 'node:fs/promises';
import { request } from 'undici';
import { KeySetError } from './key-set.js';
import type { ReadKeys } from './key-source.js';

/** Much more than 32 keys take. */
const MAX_KEY_BYTES = 256 * 1024;
const FETCH_MS = 5_000;

/** Looks at the file's identity, not at its name, so that a mount that swaps links is noticed too. */
export function keysFromFile(path: string): ReadKeys {
  let seen = '';
  return async () => {
    const file = await open(path);
    try {
      const { mtimeMs, ino, size } = await file.stat();
      const state = `${mtimeMs} ${ino} ${size}`;
      if (state === seen) return undefined;
      if (size > MAX_KEY_BYTES) throw new KeySetError(`it has ${size} bytes, over ${MAX_KEY_BYTES}`);
      const text = await file.readFile('utf8');
      seen = state;
      return text;
    } finally {
      await file.close();
    }
  };
}

/** A JWK set at a URL. Redirects are not followed: keys come from whom the operator named. */
export function keysFromUrl(url: string): ReadKeys {
  return async () => {
    const signal = AbortSignal.timeout(FETCH_MS);
    const { statusCode, body } = await request(url, { signal, headers: { accept: 'application/json' } });
    const pieces: Buffer[] = [];
    let bytes = 0;
    try {
      for await (const piece of body) {
        if (!Buffer.isBuffer(piece)) throw new TypeError('a body gives buffers');
        bytes += piece.length;
        if (bytes > MAX_KEY_BYTES) throw new KeySetError(`it has over ${MAX_KEY_BYTES} bytes`);
        pieces.push(piece);
      }
    } finally {
      body.destroy();
    }
    if (statusCode !== 200) throw new KeySetError(`it answers ${statusCode}`);
    return Buffer.concat(pieces).toString('utf8');
  };
}
