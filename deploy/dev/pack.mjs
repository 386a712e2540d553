import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { run } from './processes.mjs';

/** One order, one owner, one date, modes without the umask of who packed: the same files give the same bytes. */
function sameForEverybody(dateSeconds) {
  return [
    '--sort=name',
    '--format=gnu',
    `--mtime=@${dateSeconds}`,
    ...['--owner=0', '--group=0', '--numeric-owner'],
    '--mode=u=rwX,go=rX',
  ];
}

export async function sha256Of(file) {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}

/**
 * Packs a folder's content as `file` (tar.gz), below a folder named `name`, and writes `file`.sha256 beside it for
 * `sha256sum --check`. Resolves with the checksum.
 */
export async function pack({ folder, name, file, dateSeconds }) {
  await run(
    'tar',
    [
      ...sameForEverybody(dateSeconds),
      ...['--use-compress-program', 'gzip -n -6'],
      ...['--transform', `flags=r;s|^\\.|${name}|`],
      ...['-C', folder, '-cf', file, '.'],
    ],
    { output: 'collect' },
  );
  const sha256 = await sha256Of(file);
  await writeFile(`${file}.sha256`, `${sha256}  ${basename(file)}\n`);
  return sha256;
}
