import { createPrivateKey, type KeyObject } from 'node:crypto';
import { importJWK, type JWK, SignJWT } from 'jose';
import type { TokenAlgorithm } from '../../config/access-config.js';
import { KeySetError } from './key-set.js';

export interface TokenClaims {
  /** Canonical paths that it is good for, and all below them. */
  readonly prefixes: readonly string[];
  readonly expiresInMs: number;
  readonly session?: string | undefined;
  /** CIDR ranges. */
  readonly addresses?: readonly string[] | undefined;
  /** Name or host of a site. */
  readonly site?: string | undefined;
  readonly issuer?: string | undefined;
}

/**
 * Makes a token as `Verifier` takes it. `keyText` is a private key in PEM, a JWK or a JWK set (its first private key).
 *
 * @throws KeySetError where the key is none that signs.
 */
export async function mintToken(keyText: string, claims: TokenClaims, nowMs: number): Promise<string> {
  const { key, algorithm, id } = keyText.trimStart().startsWith('{')
    ? await fromJwk(keyText)
    : fromPem(keyText);
  const { prefixes, session, addresses = [], site, issuer, expiresInMs } = claims;
  const token = new SignJWT({
    pfx: prefixes.length === 1 ? prefixes[0] : [...prefixes],
    ...(session === undefined ? {} : { sid: session }),
    ...(addresses.length === 0 ? {} : { ip: [...addresses] }),
  })
    .setProtectedHeader(id === undefined ? { alg: algorithm } : { alg: algorithm, kid: id })
    .setExpirationTime(Math.floor((nowMs + expiresInMs) / 1000));
  if (site !== undefined) token.setAudience(site);
  if (issuer !== undefined) token.setIssuer(issuer);
  return await token.sign(key);
}

interface SigningKey {
  readonly key: KeyObject | Awaited<ReturnType<typeof importJWK>>;
  readonly algorithm: TokenAlgorithm;
  readonly id?: string | undefined;
}

async function fromJwk(text: string): Promise<SigningKey> {
  const value: JWK & { readonly keys?: readonly JWK[] } = JSON.parse(text);
  for (const jwk of value.keys ?? [value]) {
    const algorithm = algorithmOf(jwk);
    if (algorithm !== undefined) return { key: await importJWK(jwk, algorithm), algorithm, id: jwk.kid };
  }
  throw new KeySetError('no private key or secret is in it');
}

function algorithmOf({ kty, crv, d, k }: JWK): TokenAlgorithm | undefined {
  if (kty === 'oct') return k === undefined ? undefined : 'HS256';
  if (d === undefined) return undefined;
  if (kty === 'RSA') return 'RS256';
  if (kty === 'EC' && crv === 'P-256') return 'ES256';
  return kty === 'OKP' && crv === 'Ed25519' ? 'EdDSA' : undefined;
}

function fromPem(text: string): SigningKey {
  let key: KeyObject;
  try {
    key = createPrivateKey(text);
  } catch (error) {
    throw new KeySetError('it is no private key', { cause: error });
  }
  switch (key.asymmetricKeyType) {
    case 'rsa':
      return { key, algorithm: 'RS256' };
    case 'ed25519':
      return { key, algorithm: 'EdDSA' };
    case 'ec':
      return { key, algorithm: 'ES256' };
    default:
      throw new KeySetError(`a key of type ${key.asymmetricKeyType} signs no tokens here`);
  }
}
