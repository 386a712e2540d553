import { jwtVerify, SignJWT } from 'jose';
import type { Clock } from '../../components.js';

/** What a sealed text is for: one is never taken for another. */
export type SealKind = 'login' | 'session' | 'share';

export interface Sealed {
  readonly claims: Readonly<Record<string, unknown>>;
  /** Milliseconds since the epoch. */
  readonly expiresMs: number;
}

const ALGORITHM = 'HS256';
const ISSUER = 'eddy-insight';

/** Signs what others carry for us: cookies and links. The first key signs, any of them is believed. */
export class Seal {
  readonly #wallClock: Clock;
  #keys: readonly Uint8Array[];

  /** At least one key, of 32 characters at least. */
  constructor({ wallClock }: { readonly wallClock: Clock }, keys: readonly string[]) {
    this.#wallClock = wallClock;
    this.#keys = encoded(keys);
  }

  /** What was signed with keys that are not there any more ends at once. */
  setKeys(keys: readonly string[]): void {
    this.#keys = encoded(keys);
  }

  close(kind: SealKind, claims: Sealed['claims'], expiresMs: number): Promise<string> {
    const [key] = this.#keys;
    if (key === undefined) throw new TypeError('a seal needs a key');
    return new SignJWT({ ...claims })
      .setProtectedHeader({ alg: ALGORITHM })
      .setIssuer(ISSUER)
      .setAudience(kind)
      .setIssuedAt(Math.floor(this.#wallClock.now() / 1000))
      .setExpirationTime(Math.floor(expiresMs / 1000))
      .sign(key);
  }

  /** Undefined: it is not ours, for something else, or over. */
  async open(kind: SealKind, text: string): Promise<Sealed | undefined> {
    const currentDate = new Date(this.#wallClock.now());
    for (const key of this.#keys) {
      const options = { algorithms: [ALGORITHM], issuer: ISSUER, audience: kind, currentDate };
      const opened = await jwtVerify(text, key, { ...options, requiredClaims: ['exp'] }).catch(
        () => undefined,
      );
      if (opened !== undefined) {
        return { claims: opened.payload, expiresMs: (opened.payload.exp ?? 0) * 1000 };
      }
    }
    return undefined;
  }
}

function encoded(keys: readonly string[]): Uint8Array[] {
  return keys.map((key) => new TextEncoder().encode(key));
}
