import { fileURLToPath } from 'node:url';
import type { NeighbourTable } from '../cluster/neighbours.js';
import type { Clock, Random, Timers } from '../components.js';
import { ConfigError } from '../config/config-error.js';
import type { OriginConfig, ShieldConfig, SiblingsConfig } from '../config/edge-config.js';
import type { BreakerWord } from './breaker.js';
import { withDeadlines } from './deadlines.js';
import { EDDY_HOP, SIBLING_HOP } from './eddy-hop.js';
import { createFileUpstream, isFolder } from './file-upstream.js';
import { createHttpUpstream } from './http-upstream.js';
import { KnownEdges } from './known-edges.js';
import { edgeMovesOn, originMovesOn } from './move-rules.js';
import { DEFAULT_RETRY_BUDGET, RetryBudget } from './retry-budget.js';
import { DEFAULT_RETRY_OPTIONS } from './retry-rules.js';
import type { Upstream, UpstreamRole } from './upstream.js';
import { type GuardedUpstream, withBreaker } from './with-breaker.js';
import { type Candidate, withFailover } from './with-failover.js';
import { withOverallDeadline } from './with-overall-deadline.js';
import { withResume } from './with-resume.js';
import { withRetries } from './with-retries.js';
import { withShields } from './with-shields.js';
import { withSiblings } from './with-siblings.js';
import { withTracing } from './with-tracing.js';

export interface OpenComponents {
  readonly timers: Timers;
  /** Monotonic. */
  readonly clock: Clock;
  /** Since the epoch. */
  readonly wallClock: Clock;
  readonly random: Random;
  /** Hears when a breaker changes. The URL is without credentials. */
  readonly onBreaker?: (member: UpstreamMember, to: BreakerWord) => void;
}

/** What stands between this edge and the origin, and the name under which it is asked. */
export interface Neighbours {
  readonly shield?: ShieldConfig;
  readonly siblings?: SiblingsConfig;
  /** Those that are found by the bus; what is configured counts instead. */
  readonly found?: NeighbourTable | undefined;
  /** `Host` for other edges, where several sites are served. Default: that of their URL. */
  readonly host?: string;
}

export interface UpstreamMember {
  readonly role: UpstreamRole;
  /** Without credentials. */
  readonly url: string;
}

export interface UpstreamHealth {
  readonly members: readonly (UpstreamMember & { readonly breaker: BreakerWord })[];
  /** Further attempts, since the start. */
  readonly retries: number;
  /** Those that the budget refused. */
  readonly retriesRefused: number;
  /** Bodies that went on after they broke off, since the start. */
  readonly resumed: number;
}

export interface OpenedUpstream extends Upstream {
  health(): UpstreamHealth;
}

/**
 * The upstream that the configuration describes. From the inside out:
 *
 * 1. Each origin, shield and sibling has its deadlines, so that one that hangs fails like one that refuses;
 * 2. and around them its breaker, which counts timeouts too, and each attempt, not each request.
 * 3. Shields, then origins, in order of preference: a healthy second is better than waiting for the first.
 * 4. Retries go round all of these, with one budget.
 * 5. The sibling that owns an object is asked before all that, and not twice: our own way is the second attempt.
 * 6. All tries together have one more deadline: nobody waits for the sum of theirs.
 * 7. Resuming is outermost: whoever sent the first half, anybody who has the same version may send the rest.
 *
 * @throws ConfigError where it cannot work.
 */
export async function openUpstream(
  components: OpenComponents,
  origin: OriginConfig,
  { shield, siblings, found, host }: Neighbours = {},
): Promise<OpenedUpstream> {
  const { timers, clock, wallClock, random, onBreaker = () => {} } = components;
  const guarded: { readonly member: UpstreamMember; readonly upstream: GuardedUpstream }[] = [];
  const guard = (member: UpstreamMember, inner: Upstream): GuardedUpstream => {
    const upstream = withBreaker(
      {
        upstream: withDeadlines({ upstream: named(withTracing(inner, member), member), timers }, origin),
        clock,
        onChange: (to) => onBreaker(member, to),
      },
      origin.breaker,
    );
    return upstream;
  };
  const openEdge = (role: 'shield' | 'sibling', url: string, hop = SIBLING_HOP): GuardedUpstream => {
    const extraFields = role === 'sibling' ? { [EDDY_HOP]: hop } : {};
    const { connections, connectMs } = origin;
    const edge = createHttpUpstream({ url: new URL(url), connections, connectMs, timers, host, extraFields });
    return guard({ role, url: withoutCredentials(url) }, edge);
  };

  const kept = (member: UpstreamMember, upstream: GuardedUpstream): GuardedUpstream => {
    guarded.push({ member: { ...member, url: withoutCredentials(member.url) }, upstream });
    return upstream;
  };
  const { shields, siblings: near } = foundEdges(timers, openEdge, found);

  const candidates: Candidate[] = (shield?.urls ?? []).map((url) => ({
    upstream: kept({ role: 'shield', url }, openEdge('shield', url)),
    movesOn: edgeMovesOn,
  }));
  const hasShields = candidates.length > 0;
  const movesOn = originMovesOn({ onMissing: origin.failoverOnMissing });
  for (const url of new Set([origin.url, ...origin.urls])) {
    const opened = await openOrigin(components, url, origin);
    const member: UpstreamMember = { role: 'origin', url: withoutCredentials(url) };
    candidates.push({ upstream: kept(member, guard(member, opened)), movesOn });
  }
  const listed = withFailover(candidates);
  const firstWay =
    found === undefined || hasShields
      ? listed
      : withShields({ upstream: listed, shields: () => shields.named(found.shields()) });
  const budget = new RetryBudget(DEFAULT_RETRY_BUDGET);
  const ownWay = withRetries(
    { upstream: firstWay, budget, timers, random, wallClock },
    { ...DEFAULT_RETRY_OPTIONS, retries: origin.retries },
  );
  const configured = (siblings?.urls ?? []).filter((url) => url !== siblings?.self);
  const fixed = new Map(
    configured.map((url) => [url, kept({ role: 'sibling', url }, openEdge('sibling', url))]),
  );
  const self = fixed.size > 0 ? siblings?.self : found?.self;
  const shared =
    self === undefined
      ? ownWay
      : withSiblings(
          {
            upstream: ownWay,
            siblings: () => (fixed.size > 0 || found === undefined ? fixed : near.named(found.siblings())),
          },
          { self },
        );
  let resumed = 0;
  const upstream = withResume(
    {
      upstream: withOverallDeadline({ upstream: shared, timers }, origin),
      timers,
      random,
      onResumed: () => resumed++,
    },
    { attempts: origin.retries },
  );
  return {
    ...upstream,
    async close() {
      await upstream.close();
      await Promise.all([shields.close(), near.close()]);
    },
    health: () => ({
      members: [...guarded, ...listOf('shield', shields), ...listOf('sibling', near)].map(
        ({ member, upstream: { breaker } }) => ({ ...member, breaker }),
      ),
      retries: budget.granted,
      retriesRefused: budget.refused,
      resumed,
    }),
  };
}

/** Its answers say who gave them. */
function named(upstream: Upstream, { role }: UpstreamMember): Upstream {
  return {
    usesQuery: upstream.usesQuery,
    close: () => upstream.close(),
    fetch: async (request, signal) => ({ ...(await upstream.fetch(request, signal)), from: role }),
  };
}

/** Shields and siblings that come and go. */
function foundEdges(
  timers: Timers,
  open: (role: 'shield' | 'sibling', url: string, hop?: string) => GuardedUpstream,
  found: NeighbourTable | undefined,
): { readonly shields: KnownEdges; readonly siblings: KnownEdges } {
  return {
    shields: new KnownEdges({ timers, open: (url) => open('shield', url) }),
    siblings: new KnownEdges({ timers, open: (url) => open('sibling', url, found?.hop) }),
  };
}

function listOf(
  role: UpstreamMember['role'],
  edges: KnownEdges,
): { readonly member: UpstreamMember; readonly upstream: GuardedUpstream }[] {
  return [...edges.all].map(([url, upstream]) => ({
    member: { role, url: withoutCredentials(url) },
    upstream,
  }));
}

async function openOrigin(
  { timers, wallClock }: OpenComponents,
  text: string,
  { connections, connectMs, s3 }: OriginConfig,
): Promise<Upstream> {
  const url = new URL(text);
  if (url.protocol === 'file:') {
    const root = fileURLToPath(url);
    if (await isFolder(root)) return createFileUpstream({ root, wallClock });
    throw new ConfigError([
      `origin.url: ${root} is not a folder that can be read; create it, or name another`,
    ]);
  }
  if (url.protocol === 's3:') {
    const prefix = decodeURIComponent(url.pathname).replace(/^\/+|\/+$/g, '');
    const bucket = { bucket: url.hostname, prefix, connections, connectMs, s3 };
    // The SDK takes 300 ms to load: only those who use it wait.
    if (s3.client === 'sdk') {
      const { createSdkS3Upstream } = await import('./s3/sdk-s3-upstream.js');
      return createSdkS3Upstream(bucket);
    }
    const { createFastS3Upstream } = await import('./s3/fast-s3-upstream.js');
    return createFastS3Upstream({ timers, wallClock }, bucket);
  }
  return createHttpUpstream({ url, connections, connectMs, timers });
}

function withoutCredentials(text: string): string {
  const url = new URL(text);
  url.username = '';
  url.password = '';
  return url.href;
}
