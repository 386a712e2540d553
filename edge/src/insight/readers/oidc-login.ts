import {
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  type Configuration,
  calculatePKCECodeChallenge,
  discovery,
  fetchUserInfo,
  None,
  randomNonce,
  randomPKCECodeVerifier,
  randomState,
} from 'openid-client';
import { InsightError } from '../errors.js';
import type { OidcSettings } from './access-config.js';

/** What the browser keeps for us while it is with the provider. */
export interface Journey {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
}

type Claims = Readonly<Record<string, unknown>>;

const TIMEOUT_SECONDS = 10;

/** Logs people in at a provider of OpenID Connect: authorization code with PKCE. */
export class OidcLogin {
  readonly #settings: OidcSettings;
  readonly #clientSecret: string | undefined;
  #found: Promise<Configuration> | undefined;

  constructor(settings: OidcSettings, clientSecret: string | undefined) {
    this.#settings = settings;
    this.#clientSecret = clientSecret;
  }

  /** Where to send the browser. @throws InsightError `login-failed` where the provider does not answer. */
  async begin(): Promise<{ readonly url: URL; readonly journey: Journey }> {
    const provider = await this.#provider();
    const journey = { state: randomState(), nonce: randomNonce(), verifier: randomPKCECodeVerifier() };
    const url = buildAuthorizationUrl(provider, {
      redirect_uri: this.#callback(),
      scope: this.#settings.scopes.join(' '),
      code_challenge: await calculatePKCECodeChallenge(journey.verifier),
      code_challenge_method: 'S256',
      ...{ state: journey.state, nonce: journey.nonce },
    });
    return { url, journey };
  }

  /**
   * Who came back with these parameters.
   *
   * @throws InsightError `login-failed` where the provider or the journey is not right, `not-a-reader` where he may
   * not read.
   */
  async finish(search: string, journey: Journey): Promise<string> {
    const provider = await this.#provider();
    let claims: Claims;
    try {
      const tokens = await authorizationCodeGrant(provider, new URL(search, this.#callback()), {
        expectedState: journey.state,
        expectedNonce: journey.nonce,
        pkceCodeVerifier: journey.verifier,
        idTokenExpected: true,
      });
      const own = tokens.claims();
      if (own === undefined) throw new TypeError('there is no ID token');
      // Most providers tell addresses and groups only there.
      const more =
        provider.serverMetadata().userinfo_endpoint === undefined
          ? {}
          : await fetchUserInfo(provider, tokens.access_token, own.sub);
      claims = { ...more, ...own };
    } catch (cause) {
      throw failed(`the provider does not confirm the login (${reasonOf(cause)})`, cause);
    }
    const user = userOf(claims);
    if (mayRead(claims, this.#settings)) return user;
    throw new InsightError(
      'not-a-reader',
      `${user} may not read figures here: ask the operator to add you to insight.access.oidc.allow or .groups.`,
    );
  }

  #callback(): string {
    return new URL('/auth/callback', this.#settings.publicUrl).href;
  }

  /** Asked once; again where it did not answer. */
  #provider(): Promise<Configuration> {
    this.#found ??= this.#discover().catch((cause: unknown) => {
      this.#found = undefined;
      throw failed(`${this.#settings.issuer} does not answer (${reasonOf(cause)})`, cause);
    });
    return this.#found;
  }

  #discover(): Promise<Configuration> {
    const issuer = new URL(this.#settings.issuer);
    return discovery(
      issuer,
      this.#settings.clientId,
      this.#clientSecret,
      this.#clientSecret === undefined ? None() : undefined,
      { timeout: TIMEOUT_SECONDS, execute: issuer.protocol === 'http:' ? [allowInsecureRequests] : [] },
    );
  }
}

export function mayRead(claims: Claims, { allow, groups, groupsClaim }: OidcSettings): boolean {
  if (allow.length === 0 && groups.length === 0) return true;
  const theirs = claims[groupsClaim];
  if (Array.isArray(theirs) && theirs.some((group) => groups.includes(String(group)))) return true;
  const { email, email_verified: verified } = claims;
  // An address that nobody has checked says nothing.
  if (typeof email !== 'string' || verified === false) return false;
  const address = email.toLowerCase();
  return allow.some((allowed) =>
    allowed.startsWith('@') ? address.endsWith(allowed.toLowerCase()) : address === allowed.toLowerCase(),
  );
}

function userOf({ email, preferred_username: name, sub }: Claims): string {
  return [email, name, sub].find((word): word is string => typeof word === 'string') ?? 'somebody';
}

function failed(why: string, cause: unknown): InsightError {
  return new InsightError('login-failed', `You are not logged in: ${why}. Try again at /auth/login.`, {
    cause,
  });
}

function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
