import { decodeProtectedHeader, errors, jwtVerify } from 'jose';
import { LRUCache } from 'lru-cache';
import type { Clock } from '../../components.js';
import { type ClaimRules, type Grant, readClaims } from './claims.js';
import type { KeySource } from './key-source.js';

export interface VerifierComponents {
  readonly keys: Pick<KeySource, 'find'>;
  /** Since the epoch. */
  readonly wallClock: Clock;
}

export type Verdict = Grant | 'token-invalid' | 'token-busy';

/** Longer ones are no tokens of ours. */
const MAX_TOKEN_CHARACTERS = 4096;
/** A token takes about half a kilobyte here. */
const MAX_KNOWN = 16_384;
/** Forged ones have a room of their own, so that they cannot push good ones out. */
const MAX_KNOWN_BAD = 1024;
/** Signatures checked at a time; the flood that comes with more is told to come back. */
const MAX_VERIFYING = 256;

/** Checks signatures, once for each token; what it knows is answered at once. */
export class Verifier {
  readonly #components: VerifierComponents;
  readonly #rules: ClaimRules;
  readonly #good = new LRUCache<string, Grant>({ max: MAX_KNOWN });
  readonly #bad = new LRUCache<string, true>({ max: MAX_KNOWN_BAD });
  readonly #verifying = new Map<string, Promise<Verdict>>();
  #generation = 0;

  constructor(components: VerifierComponents, rules: ClaimRules) {
    this.#components = components;
    this.#rules = rules;
  }

  /** At once for a token that was seen before. Never rejects. A grant may have expired meanwhile: see `judgeGrant`. */
  verify(token: string): Verdict | Promise<Verdict> {
    const grant = this.#good.get(token);
    if (grant !== undefined) return grant;
    if (token.length > MAX_TOKEN_CHARACTERS || this.#bad.has(token)) return 'token-invalid';
    const running = this.#verifying.get(token);
    if (running !== undefined) return running;
    if (this.#verifying.size >= MAX_VERIFYING) return 'token-busy';
    const generation = this.#generation;
    const verdict = this.#check(token).then((found) => {
      this.#verifying.delete(token);
      if (generation !== this.#generation) return found;
      if (found === undefined) this.#bad.set(token, true);
      else this.#good.set(token, found);
      return found;
    });
    const told = verdict.then((found) => found ?? 'token-invalid');
    this.#verifying.set(token, told);
    return told;
  }

  /** The keys are others now. */
  forget(): void {
    this.#generation++;
    this.#good.clear();
    this.#bad.clear();
  }

  async #check(token: string): Promise<Grant | undefined> {
    const { keys, wallClock } = this.#components;
    try {
      const { alg, kid } = decodeProtectedHeader(token);
      if (alg === undefined) return undefined;
      const now = wallClock.now();
      for (const { key, algorithm } of await keys.find(alg === 'Ed25519' ? 'EdDSA' : alg, kid)) {
        try {
          // Times are judged at each use; here only what does not change is.
          const { payload } = await jwtVerify(token, key, {
            algorithms: algorithm === 'EdDSA' ? ['EdDSA', 'Ed25519'] : [algorithm],
            currentDate: new Date(now),
            clockTolerance: Number.MAX_SAFE_INTEGER,
          });
          return readClaims(payload, this.#rules, now);
        } catch (error) {
          // One key of several; any other finding is the same with all of them.
          if (!(error instanceof errors.JWSSignatureVerificationFailed)) return undefined;
        }
      }
    } catch {
      // No JWT at all.
    }
    return undefined;
  }
}
