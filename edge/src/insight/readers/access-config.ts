/** Who may read figures. Without it: whoever reaches the listener. */
export interface ReaderAccess {
  /** CIDR ranges of proxies that log people in and say who they are. Default: none. */
  readonly trustedProxies: readonly string[];
  /** Field in which they say it. Default `X-Forwarded-User`. */
  readonly userHeader: string;
  /** Undefined: nobody logs in here. */
  readonly oidc?: OidcSettings | undefined;
  /** How long a login lasts. Default 12 h. */
  readonly sessionMs: number;
  /** Furthest that a shared link may end. Default 30 days. */
  readonly shareMs: number;
  /** Keys that sign logins and shared links, one a line; made when absent. */
  readonly keysFile: string;
}

/** A provider of OpenID Connect. */
export interface OidcSettings {
  /** https, or http on loopback. */
  readonly issuer: string;
  readonly clientId: string;
  /** Undefined: a public client, PKCE alone. */
  readonly clientSecret?: string | undefined;
  /** Read when the edge starts, instead of it. */
  readonly clientSecretFile?: string | undefined;
  /** Where browsers find this listener. The provider sends them back to `/auth/callback` below it. */
  readonly publicUrl: string;
  /** Default `openid`, `email`. */
  readonly scopes: readonly string[];
  /** Addresses (`ann@site.example`) and domains (`@site.example`) that may read. */
  readonly allow: readonly string[];
  /** Or members of these groups. Both empty: whoever the provider lets log in. */
  readonly groups: readonly string[];
  /** Claim that lists groups. Default `groups`. */
  readonly groupsClaim: string;
}
