import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { InsightError } from '../errors.js';

const LEAST_CHARACTERS = 32;

/** Keys, one a line; the file is made with one where there is none. @throws InsightError `bad-keys` */
export async function readKeys(file: string): Promise<string[]> {
  let text: string;
  try {
    text = await readFile(file, 'utf8').catch((error: unknown) => {
      if (isMissing(error)) return makeKeys(file);
      throw error;
    });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new InsightError('bad-keys', `insight.access.keysFile: ${file} cannot be read: ${reason}.`, {
      cause,
    });
  }
  const keys = text.split('\n').flatMap((line) => (line.trim() === '' ? [] : [line.trim()]));
  if (keys.length > 0 && keys.every((key) => key.length >= LEAST_CHARACTERS)) return keys;
  throw new InsightError(
    'bad-keys',
    `insight.access.keysFile: ${file} has no keys of at least ${LEAST_CHARACTERS} characters, one a line: write one with "openssl rand -base64 32".`,
  );
}

async function makeKeys(file: string): Promise<string> {
  await mkdir(dirname(file), { recursive: true });
  const key = `${randomBytes(32).toString('base64url')}\n`;
  try {
    await writeFile(file, key, { mode: 0o600, flag: 'wx' });
    return key;
  } catch (error) {
    // Another edge was faster.
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return readFile(file, 'utf8');
    throw error;
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
