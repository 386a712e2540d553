import { OriginError } from '../errors.js';
import { checkKey } from '../storage/key.js';

/**
 * The name under which a presentation is published: letters, digits, `.`, `_`, `-`, with `/` between parts, since it
 * becomes a folder, a part of S3 keys and of URLs alike.
 * @throws OriginError `bad-name`.
 */
export function checkName(name: string): string {
  const parts = name.split('/');
  const good = name.length <= 200 && parts.every((part) => /^[A-Za-z0-9_-][A-Za-z0-9._-]*$/.test(part));
  if (!good || parts[0] === '_eddy') {
    throw new OriginError(
      'bad-name',
      `"${name.slice(0, 80)}" cannot be a presentation's name. Use letters, digits, ".", "_" and "-", with "/" between parts.`,
    );
  }
  return checkKey(name);
}

/** A name from an input's file name: `My film (1).mp4` becomes `My-film-1`. */
export function nameFromFile(path: string): string {
  const base = path.slice(path.lastIndexOf('/') + 1).replace(/\.[A-Za-z0-9]+$/, '');
  const name = base
    .normalize('NFKD')
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/^[.-]+|[.-]+$/g, '');
  return name === '' ? 'video' : name;
}

/**
 * Suffix of a publication's rendition folders. Each publication has its own, so that no URL of media ever stands for
 * other bytes; they sort by time.
 *
 * @example versionName(new Date(0), 'a3f1') // "19700101T000000-a3f1"
 */
export function versionName(date: Date, random: string): string {
  return `${date.toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}-${random}`;
}

const VERSION = /-(\d{8}T\d{6}-[0-9a-f]{4})$/;

/** Version of a rendition's folder name, undefined for names that publishing did not give. */
export function versionOf(folder: string): string | undefined {
  return VERSION.exec(folder)?.[1];
}
