import { readFile } from 'node:fs/promises';
import { Hono } from 'hono';
import type { Clock } from '../../components.js';
import { InsightError } from '../errors.js';
import type { OidcSettings, ReaderAccess } from './access-config.js';
import { readersOnly } from './gate.js';
import { readKeys } from './keys-file.js';
import { loginRoutes } from './login-routes.js';
import { OidcLogin } from './oidc-login.js';
import type { ReaderEnv } from './reader.js';
import { Seal } from './seal.js';
import { shareRoutes } from './share-routes.js';

export interface Readers {
  /** Login, and a gate before all that is mounted after them. */
  readonly routes: Hono<ReaderEnv>;
  /** Looks at the keys again. @throws InsightError `bad-keys`; the old ones stay. */
  reload(): Promise<void>;
}

/** @throws InsightError `bad-keys` where a file cannot be used. */
export async function openReaders(
  { wallClock }: { readonly wallClock: Clock },
  access: ReaderAccess | undefined,
): Promise<Readers> {
  const routes = new Hono<ReaderEnv>();
  if (access === undefined) {
    routes.route('/api', shareRoutes(undefined, undefined));
    return { routes, reload: async () => undefined };
  }
  const seal = new Seal({ wallClock }, await readKeys(access.keysFile));
  const oidc =
    access.oidc === undefined ? undefined : new OidcLogin(access.oidc, await clientSecretOf(access.oidc));
  routes.route('/', loginRoutes({ seal, oidc, wallClock }, access));
  routes.use(readersOnly({ seal }, access));
  routes.route('/api', shareRoutes({ seal, wallClock }, access));
  return { routes, reload: async () => seal.setKeys(await readKeys(access.keysFile)) };
}

async function clientSecretOf({ clientSecret, clientSecretFile }: OidcSettings): Promise<string | undefined> {
  if (clientSecretFile === undefined) return clientSecret;
  try {
    return (await readFile(clientSecretFile, 'utf8')).trim();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new InsightError('bad-keys', `insight.access.oidc.clientSecretFile cannot be read: ${reason}.`, {
      cause,
    });
  }
}
