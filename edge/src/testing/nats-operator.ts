import { randomUUID } from 'node:crypto';
import { nkeys } from '@nats-io/transport-node';

type KeyPair = ReturnType<typeof nkeys.createUser>;

/** A NATS operator with one account, made here as `nsc` would. */
export interface NatsOperator {
  /** Lines of the configuration of a server that believes this operator alone. */
  readonly config: string;
  /** Text of a credentials file for a user of the account. */
  credentials(): string;
}

const NO_LIMIT = -1;
const ACCOUNT = {
  ...{ subs: NO_LIMIT, data: NO_LIMIT, payload: NO_LIMIT, conn: NO_LIMIT, leaf: NO_LIMIT },
  ...{ imports: NO_LIMIT, exports: NO_LIMIT, wildcards: true },
};
const STORAGE = { mem_storage: NO_LIMIT, disk_storage: NO_LIMIT, streams: NO_LIMIT, consumer: NO_LIMIT };

export function createNatsOperator(): NatsOperator {
  const [operator, system, account] = [nkeys.createOperator(), nkeys.createAccount(), nkeys.createAccount()];
  const accounts = [
    [system, ACCOUNT],
    [account, { ...ACCOUNT, ...STORAGE }],
  ] as const;
  const preloaded = accounts.map(
    ([pair, limits]) => `${pair.getPublicKey()}: ${signed(operator, pair, { type: 'account', limits })}`,
  );
  return {
    config: [
      `operator: ${signed(operator, operator, { type: 'operator' })}`,
      // JetStream asks for one.
      `system_account: ${system.getPublicKey()}`,
      'resolver: MEMORY',
      `resolver_preload: { ${preloaded.join(', ')} }`,
    ].join('\n'),
    credentials() {
      const user = nkeys.createUser();
      const limits = { subs: NO_LIMIT, data: NO_LIMIT, payload: NO_LIMIT };
      const jwt = signed(account, user, { type: 'user', pub: {}, sub: {}, ...limits });
      const seed = new TextDecoder().decode(user.getSeed());
      return [
        ...['-----BEGIN NATS USER JWT-----', jwt, '------END NATS USER JWT------', ''],
        ...['-----BEGIN USER NKEY SEED-----', seed, '------END USER NKEY SEED------', ''],
      ].join('\n');
    },
  };
}

/** What `issuer` says of `subject`, as NATS writes it. */
function signed(issuer: KeyPair, subject: KeyPair, nats: Readonly<Record<string, unknown>>): string {
  const head = { typ: 'JWT', alg: 'ed25519-nkey' };
  const claims = {
    ...{ jti: randomUUID(), iat: 1_700_000_000, name: 'test' },
    ...{ iss: issuer.getPublicKey(), sub: subject.getPublicKey(), nats: { ...nats, version: 2 } },
  };
  const text = [head, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.');
  return `${text}.${Buffer.from(issuer.sign(Buffer.from(text))).toString('base64url')}`;
}
