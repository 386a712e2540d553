import { createPrivateKey, generateKeyPairSync, sign } from 'node:crypto';

/** A signing key and what an edge is given to check with. */
export interface SigningKey {
  /** PKCS 8 in PEM. */
  readonly privateKey: string;
  /** A JWK set. */
  readonly publicKeys: string;
}

const KEY_ID = 'ads';
const HOUR_S = 3600;

export function newSigningKey(): SigningKey {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return {
    privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    publicKeys: JSON.stringify({
      keys: [{ ...publicKey.export({ format: 'jwk' }), alg: 'ES256', kid: KEY_ID, use: 'sig' }],
    }),
  };
}

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** Tokens of `count` viewers (ES256), as they stand before a path. `run` keeps the viewers of runs apart. */
export function viewerPrefixes(
  privateKey: string,
  { count, run, prefix, nowMs }: { count: number; run: string; prefix: string; nowMs: number },
): string[] {
  const key = createPrivateKey(privateKey);
  const header = part({ typ: 'JWT', alg: 'ES256', kid: KEY_ID });
  const exp = Math.floor(nowMs / 1000) + HOUR_S;
  return Array.from({ length: count }, (_, index) => {
    const text = `${header}.${part({ pfx: prefix, exp, sid: `${run}-${index}` })}`;
    const signature = sign('sha256', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' });
    return `/~${text}.${signature.toString('base64url')}`;
  });
}
