import type { IncomingHttpHeaders } from 'node:http';
import { splitTokenPath } from '@eddy/protocol';
import type { Clock } from '../components.js';
import type { RefusalReason } from '../refusals/refusals.js';
import { type AddressRanges, clientGroup } from './address.js';
import { isPreflight } from './cors.js';
import { clientAddress } from './forwarded.js';
import { askedHost, type HostedRequest } from './host.js';
import type { Rate, RateTable } from './rate-table.js';
import type { Site } from './site.js';
import type { SiteTable } from './site-table.js';
import { coversPath, type Grant, judgeGrant } from './tokens/claims.js';
import { carriedToken } from './tokens/token-carrier.js';

/** As much of a request as the gate looks at; HTTP/1 and HTTP/2 alike. */
export interface GateRequest extends HostedRequest {
  readonly method?: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly socket: { readonly remoteAddress?: string | undefined };
}

/** Who asks for what. */
export class Visitor {
  readonly site: Site;
  /** As asked for, lower case, without port; empty where the request names none. */
  readonly host: string;
  /** The request target in origin-form, without a token. */
  readonly target: string;
  readonly grant: Grant | undefined;
  readonly #request: GateRequest;
  readonly #trusted: AddressRanges;
  #address: string | undefined;

  constructor(
    request: GateRequest,
    trusted: AddressRanges,
    who: {
      readonly site: Site;
      readonly host: string;
      readonly target: string;
      readonly grant?: Grant | undefined;
      readonly address?: string | undefined;
    },
  ) {
    this.#request = request;
    this.#trusted = trusted;
    this.site = who.site;
    this.host = who.host;
    this.target = who.target;
    this.grant = who.grant;
    this.#address = who.address;
  }

  /** Of the client, seen through trusted proxies; empty once the connection is gone. */
  get address(): string {
    this.#address ??= addressOf(this.#request, this.#trusted);
    return this.#address;
  }

  /** Of the token. */
  get session(): string | undefined {
    return this.grant?.session;
  }

  /** Whether the canonical path of the site may be had too, say the presentation whose room is to be joined. */
  allows(path: string): boolean {
    if (this.site.tokens === undefined || this.site.tokens.isPublic(path)) return true;
    return this.grant !== undefined && coversPath(this.grant, path);
  }

  /** Whether anything whose path begins so may be had. */
  allowsBelow(prefix: string): boolean {
    if (this.allows(prefix)) return true;
    return this.grant?.prefixes.some((granted) => granted.startsWith(prefix.replace(/\/$/, ''))) ?? false;
  }

  /** Since the epoch: the token is good until then. Undefined: there is none, and it needs none. */
  get endsAtMs(): number | undefined {
    const { grant, site } = this;
    return grant === undefined ? undefined : grant.expiresAtMs + (site.tokens?.rules.skewMs ?? 0);
  }
}

export interface Refused {
  readonly refused: RefusalReason;
  /** Without a token, for logs. */
  readonly target: string;
  /** Further response fields, names and values in turn. */
  readonly fields: readonly string[];
  /** Where the host was known. */
  readonly site: Site | undefined;
}

export type Passage = Visitor | Refused;

/** Lets a request in or not. At once, except for a token that was never seen: its signature takes a moment. */
export type Gate = (request: GateRequest) => Passage | Promise<Passage>;

export interface GateComponents {
  readonly sites: SiteTable<Site>;
  readonly trusted: AddressRanges;
  /** Undefined: nothing is counted by client. */
  readonly rates: RateTable | undefined;
  /** Since the epoch. */
  readonly wallClock: Clock;
  /** The canonical path of a target, or why it is refused. */
  readonly pathOf: (target: string) => { readonly path: string } | { readonly refused: RefusalReason };
  /** Whether the edge itself answers below the canonical path. */
  readonly isReserved: (path: string) => boolean;
  /**
   * Whether another edge of the PoP asks, by what it says in `Eddy-Hop` and its address: it has looked at the viewer's
   * token, which is never forwarded, and counted him.
   */
  readonly isSibling: (hop: string | undefined, remoteAddress: string | undefined) => boolean;
  /** What needs no token anywhere. Default: nothing. */
  readonly isOpen?: (path: string) => boolean;
}

export interface GateOptions {
  readonly byAddress: Rate | undefined;
  readonly bySession: Rate | undefined;
  readonly bodyBytes: number;
}

const NO_FIELDS: readonly string[] = [];
/** Or the rest of the body would have to be read before the next request. */
const CLOSE: readonly string[] = ['Connection', 'close'];

export function createGate(components: GateComponents, options: GateOptions): Gate {
  const {
    sites,
    trusted,
    rates,
    wallClock,
    pathOf,
    isReserved,
    isOpen = () => false,
    isSibling,
  } = components;
  const { byAddress, bySession, bodyBytes } = options;

  const refuse = (
    refused: RefusalReason,
    target: string,
    site: Site | undefined,
    fields: readonly string[] = NO_FIELDS,
  ): Refused => ({ refused, target: splitTokenPath(target).path, fields, site });

  const tooSoon = (reason: RefusalReason, key: string, rate: Rate, visitor: Visitor): Refused | undefined => {
    const waitMs = rates?.take(key, rate, wallClock.now()) ?? 0;
    if (waitMs === 0) return undefined;
    return refuse(reason, visitor.target, visitor.site, ['Retry-After', String(Math.ceil(waitMs / 1000))]);
  };

  /** What is left to check once the grant is known. */
  const admit = (visitor: Visitor, path: string, token: string): Passage => {
    const { site, host, grant, target } = visitor;
    if (grant === undefined || site.tokens === undefined) return visitor;
    const use = {
      nowMs: wallClock.now(),
      // Only where the token cares: it costs a look at the headers behind proxies.
      address: grant.addresses === undefined ? '' : visitor.address,
      names: [site.name, host],
      path: isReserved(path) || site.tokens.isPublic(path) ? undefined : path,
    };
    const problem = judgeGrant(grant, use, site.tokens.rules);
    if (problem !== undefined) return refuse(problem, target, site, challenge(problem));
    if (bySession !== undefined) {
      const key = grant.session === undefined ? `t${token}` : `s${site.name}\n${grant.session}`;
      return tooSoon('session-rate', key, bySession, visitor) ?? visitor;
    }
    return visitor;
  };

  /** Not through a proxy: clients could write the field there. */
  const asksForAnother = ({ headers, socket: { remoteAddress } }: GateRequest): boolean => {
    const hop = headers['eddy-hop'];
    return hop !== undefined && isSibling(String(hop), remoteAddress) && !trusted.includes(remoteAddress);
  };

  return (request) => {
    const asked = askedHost(request);
    if (asked === undefined) return refuse('bad-host', request.url ?? '', undefined);
    const resolved = sites.resolve(asked.host);
    if ('refused' in resolved) return refuse(resolved.refused, asked.target, undefined);
    const { site, host } = resolved;
    if (Number(request.headers['content-length'] ?? 0) > bodyBytes) {
      return refuse('body-too-large', asked.target, site, CLOSE);
    }
    if (asksForAnother(request)) {
      return new Visitor(request, trusted, { site, host, target: splitTokenPath(asked.target).path });
    }
    if (site.tokens === undefined) {
      // The form is reserved everywhere, so that a player's URLs outlive a change of mind about tokens.
      const second = asked.target.charCodeAt(1);
      const target =
        second === 126 /* ~ */ || second === 37 /* % */ ? splitTokenPath(asked.target).path : asked.target;
      const visitor = new Visitor(request, trusted, { site, host, target });
      if (byAddress === undefined) return visitor;
      return tooSoon('address-rate', `a${clientGroup(visitor.address)}`, byAddress, visitor) ?? visitor;
    }
    const { tokens } = site;
    const { token, target } = carriedToken(asked.target, request.headers, tokens.names);
    const stranger = new Visitor(request, trusted, { site, host, target });
    if (byAddress !== undefined) {
      const soon = tooSoon('address-rate', `a${clientGroup(stranger.address)}`, byAddress, stranger);
      if (soon !== undefined) return soon;
    }
    const named = pathOf(target);
    if ('refused' in named) return refuse(named.refused, target, site);
    const { path } = named;
    // A second one would be taken for part of the path by all that follows.
    if (splitTokenPath(path).token !== undefined) return refuse('token-invalid', path, site);
    if (token === undefined || token === '') {
      if (tokens.isPublic(path) || isOpen(path) || isPreflight(request.method, request.headers))
        return stranger;
      return refuse('token-missing', target, site, challenge('token-missing'));
    }
    const settle = (verdict: Grant | 'token-invalid' | 'token-busy'): Passage => {
      if (typeof verdict === 'string') return refuse(verdict, target, site, challenge(verdict));
      const visitor = new Visitor(request, trusted, { site, host, target, grant: verdict });
      return admit(visitor, path, token);
    };
    const verdict = tokens.verify(token);
    return verdict instanceof Promise ? verdict.then(settle) : settle(verdict);
  };
}

/** RFC 6750 section 3: what has to come with a 401. */
function challenge(reason: RefusalReason): readonly string[] {
  switch (reason) {
    case 'token-missing':
      return ['WWW-Authenticate', 'Bearer'];
    case 'token-invalid':
    case 'token-expired':
    case 'token-early':
      return ['WWW-Authenticate', 'Bearer error="invalid_token"'];
    default:
      return NO_FIELDS;
  }
}

/** Whose request it is; empty once the connection is gone. */
export function addressOf({ socket, headers }: GateRequest, trusted: AddressRanges): string {
  const peer = socket.remoteAddress ?? '';
  return trusted.empty ? peer : clientAddress(peer, headers, trusted);
}
