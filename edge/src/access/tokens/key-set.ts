import { createPublicKey, type KeyObject, webcrypto } from 'node:crypto';
import { importJWK, type JWK } from 'jose';
import { TOKEN_ALGORITHMS, type TokenAlgorithm } from '../../config/access-config.js';

/** A key that is good for one algorithm only, so that no token can choose another for it (RFC 8725 section 3.1). */
export interface VerifyKey {
  readonly id: string | undefined;
  readonly algorithm: TokenAlgorithm;
  readonly key: Awaited<ReturnType<typeof importJWK>> | KeyObject;
}

/** What was given holds no usable key, and why. */
export class KeySetError extends Error {
  override readonly name = 'KeySetError';
  readonly code = 'bad-keys';
}

/** More are not asked of anybody who rotates keys; each may be tried for a token that names none. */
export const MAX_KEYS = 32;
/** RFC 7518 section 3.2: an HMAC key is at least as long as its hash. */
const MIN_SECRET_BYTES = 32;

/**
 * Reads a JWK set, one JWK, or PEM with one or several keys or certificates; of private keys their public part. Keys
 * that are for something else are left out.
 *
 * @throws KeySetError where no key is left.
 */
export async function parseKeys(text: string, allowed: readonly TokenAlgorithm[]): Promise<VerifyKey[]> {
  const found = text.trimStart().startsWith('{') ? await fromJson(text) : fromPem(text);
  const keys = found.filter(({ algorithm }) => allowed.includes(algorithm));
  if (keys.length === 0) throw new KeySetError(`no key in it is for ${allowed.join(', ')}`);
  if (keys.length > MAX_KEYS) throw new KeySetError(`over ${MAX_KEYS} keys are in it`);
  return keys;
}

async function fromJson(text: string): Promise<VerifyKey[]> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new KeySetError('it is no JSON', { cause: error });
  }
  const list: unknown[] = isRecord(value) && Array.isArray(value.keys) ? value.keys : [value];
  if (list.length > MAX_KEYS * 4) throw new KeySetError('it is too long');
  const keys: VerifyKey[] = [];
  for (const jwk of list) {
    if (!isJwk(jwk)) continue;
    const algorithm = algorithmOf(jwk);
    if (algorithm === undefined) continue;
    try {
      keys.push({ id: jwk.kid, algorithm, key: await importKey(jwk, algorithm) });
    } catch (error) {
      throw new KeySetError(`the key ${jwk.kid ?? ''} cannot be used`, { cause: error });
    }
  }
  return keys;
}

/** Undefined: it is not for verifying, or for an algorithm that is not taken here. */
function algorithmOf(jwk: JWK): TokenAlgorithm | undefined {
  if (jwk.use !== undefined && jwk.use !== 'sig') return undefined;
  if (jwk.key_ops !== undefined && !jwk.key_ops.some((use) => use === 'verify' || use === 'sign'))
    return undefined;
  const natural = naturalAlgorithm(jwk);
  if (jwk.alg === undefined || jwk.alg === natural) return natural;
  return natural === 'EdDSA' && jwk.alg === 'Ed25519' ? natural : undefined;
}

function naturalAlgorithm({ kty, crv, k }: JWK): TokenAlgorithm | undefined {
  if (kty === 'RSA') return 'RS256';
  if (kty === 'EC' && crv === 'P-256') return 'ES256';
  if (kty === 'OKP' && crv === 'Ed25519') return 'EdDSA';
  if (kty !== 'oct') return undefined;
  if (Buffer.from(k ?? '', 'base64url').length < MIN_SECRET_BYTES) {
    throw new KeySetError(`a secret is shorter than ${MIN_SECRET_BYTES} bytes`);
  }
  return 'HS256';
}

/** Secrets are imported here, once: as plain bytes they would be imported for each token. */
async function importKey(jwk: JWK, algorithm: TokenAlgorithm): Promise<VerifyKey['key']> {
  if (algorithm !== 'HS256') return await importJWK(publicPart(jwk), algorithm);
  const secret = Buffer.from(jwk.k ?? '', 'base64url');
  return await webcrypto.subtle.importKey('raw', secret, { name: 'HMAC', hash: 'SHA-256' }, false, [
    'verify',
  ]);
}

/** An edge has no use for what signs. */
function publicPart({ kty, crv, x, y, n, e, k }: JWK): JWK {
  const given = { crv, x, y, n, e, k };
  return Object.fromEntries([
    ['kty', kty],
    ...Object.entries(given).filter(([, value]) => value !== undefined),
  ]);
}

const PEM_BLOCK = /-----BEGIN ([A-Z ]+)-----[\s\S]+?-----END \1-----/g;

function fromPem(text: string): VerifyKey[] {
  const blocks = text.match(PEM_BLOCK) ?? [];
  return blocks.map((block) => {
    let key: KeyObject;
    try {
      key = createPublicKey(block);
    } catch (error) {
      throw new KeySetError('a PEM block is no key', { cause: error });
    }
    const algorithm = algorithmOfKey(key);
    if (algorithm === undefined) {
      throw new KeySetError(
        `a key of type ${key.asymmetricKeyType} is for none of ${TOKEN_ALGORITHMS.join()}`,
      );
    }
    return { id: undefined, algorithm, key };
  });
}

function algorithmOfKey({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): TokenAlgorithm | undefined {
  if (asymmetricKeyType === 'rsa') return 'RS256';
  if (asymmetricKeyType === 'ed25519') return 'EdDSA';
  return asymmetricKeyType === 'ec' && asymmetricKeyDetails?.namedCurve === 'prime256v1'
    ? 'ES256'
    : undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function isJwk(value: unknown): value is JWK {
  return (
    isRecord(value) &&
    Object.entries(value).every(
      ([name, member]) => !/^(kty|kid|use|alg|crv|[xynek])$/.test(name) || typeof member === 'string',
    ) &&
    (value.key_ops === undefined || Array.isArray(value.key_ops))
  );
}
