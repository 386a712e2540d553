import { readFile } from 'node:fs/promises';
import { tokenPath } from '@eddy/protocol';
import type { Command } from 'commander';
import { ConfigError } from '../../config/config-error.js';
import { parseDuration } from '../../config/units.js';
import { mintToken } from './mint.js';

interface TokenFlags {
  readonly key: string;
  readonly prefix: readonly string[];
  readonly expires: string;
  readonly session?: string;
  readonly ip?: readonly string[];
  readonly site?: string;
  readonly issuer?: string;
}

/** Adds `eddy-edge token`: the token on standard output, alone; where to put it on standard error. */
export function addTokenCommand(parent: Command): void {
  parent
    .command('token')
    .description('makes a token for a viewer, signed with a private key or secret')
    .requiredOption('--key <file>', 'private key in PEM, a JWK or a JWK set')
    .requiredOption('--prefix <path...>', 'paths that it opens, with all below them, such as /vod/film/')
    .option('--expires <time>', 'how long it is good', '2h')
    .option('--session <name>', 'whom requests are counted for')
    .option('--ip <range...>', 'addresses that may use it, such as 203.0.113.0/24')
    .option('--site <name>', 'name or host of the only site that takes it')
    .option('--issuer <name>', 'what access.issuer asks for')
    .action(async (flags: TokenFlags) => {
      const token = await mint(flags);
      const path = flags.prefix[0] ?? '/';
      process.stderr.write(
        `As the first path segment, which relative URIs inherit: https://HOST${tokenPath(token, path)}\n` +
          'Or as ?token=…, as the cookie eddy_token, or in Authorization: Bearer …\n',
      );
      process.stdout.write(`${token}\n`);
    });
}

async function mint({ key, prefix, expires, session, ip, site, issuer }: TokenFlags): Promise<string> {
  const expiresInMs = parseDuration(expires);
  if (expiresInMs === undefined || expiresInMs < 1000) {
    throw new ConfigError([`--expires: ${JSON.stringify(expires)} is not a time such as 30m or 2h`]);
  }
  for (const path of prefix) {
    if (!path.startsWith('/')) throw new ConfigError([`--prefix: ${path} does not begin with /`]);
  }
  try {
    const text = await readFile(key, 'utf8');
    const claims = { prefixes: prefix, expiresInMs, session, addresses: ip, site, issuer };
    return await mintToken(text, claims, Date.now());
  } catch (error) {
    throw new ConfigError([
      `--key: ${key} cannot be used: ${error instanceof Error ? error.message : String(error)}`,
    ]);
  }
}
