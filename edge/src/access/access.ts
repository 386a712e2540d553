import { randomInt } from 'node:crypto';
import type { Clock, Timers } from '../components.js';
import type { AccessSettings, ClientLimits, TokensConfig } from '../config/access-config.js';
import { ConfigError } from '../config/config-error.js';
import { AddressRanges } from './address.js';
import { addressOf, createGate, type Gate, type GateComponents, type GateRequest } from './gate.js';
import { type Rate, RateTable } from './rate-table.js';
import { type Site, type SiteTokens, siteTokens } from './site.js';
import { SiteTable } from './site-table.js';
import { KeySource } from './tokens/key-source.js';
import { keysFromFile, keysFromUrl } from './tokens/read-keys.js';
import { Verifier } from './tokens/verifier.js';

export interface AccessComponents
  extends Pick<GateComponents, 'pathOf' | 'isReserved' | 'isOpen' | 'isSibling'> {
  readonly timers: Timers;
  /** Monotonic. */
  readonly clock: Clock;
  /** Since the epoch. */
  readonly wallClock: Clock;
  /** Keys could not be read; the old ones stay. `where` is the file or URL. */
  readonly onKeysError: (where: string, error: unknown) => void;
  /** Of `rateTableBytes(rateClients(limits))`, with one seed for all who share it. Default: memory of its own. */
  readonly shared?: { readonly memory: SharedArrayBuffer; readonly seed: number };
}

export interface Access {
  readonly gate: Gate;
  /** The site that answers every host where none are configured, else those of the settings. */
  readonly sites: readonly Site[];
  readonly trusted: AddressRanges;
  /** Whose request it is, seen through trusted proxies. */
  addressOf(request: GateRequest): string;
  /** Looks at all keys again now. Does not throw. */
  reload(): Promise<void>;
  close(): void;
}

const DEFAULT_SITE = 'default';
const FILE_REFRESH_MS = 10_000;
const URL_REFRESH_MS = 300_000;

/** Clients that the rate table has room for under these limits: a power of two. */
export function rateClients({ trackedClients }: Pick<ClientLimits, 'trackedClients'>): number {
  return 2 ** Math.ceil(Math.log2(trackedClients));
}

/** @throws ConfigError where a key file cannot be used. Keys at a URL may come later. */
export async function openAccess(
  components: AccessComponents,
  settings: AccessSettings,
  limits: ClientLimits,
): Promise<Access> {
  const sources: KeySource[] = [];
  const tokensOf = new Map<TokensConfig, SiteTokens>();

  const open = async (config: TokensConfig): Promise<SiteTokens> => {
    const known = tokensOf.get(config);
    if (known !== undefined) return known;
    const { source, verifier } = openKeys(components, config);
    const where = config.keysFile ?? config.keysUrl ?? '';
    try {
      await source.open();
    } catch (error) {
      if (config.keysFile !== undefined) {
        const why = error instanceof Error ? error.message : String(error);
        throw new ConfigError([`access.keysFile: ${where} cannot be used: ${why}`]);
      }
      components.onKeysError(where, error);
    }
    sources.push(source);
    const tokens = siteTokens(verifier, config);
    tokensOf.set(config, tokens);
    return tokens;
  };

  const close = (): void => {
    for (const source of sources) source.close();
  };
  try {
    const siteOf = async (
      name: string,
      hosts: readonly string[],
      own: Partial<AccessSettings['sites'][number]>,
    ): Promise<Site> => {
      const access = own.access === undefined ? settings.access : own.access;
      const tokens = access === undefined || access === 'open' ? undefined : await open(access);
      return { name, hosts, tokens };
    };
    const sites: Site[] = [];
    for (const site of settings.sites) sites.push(await siteOf(site.name, site.hosts, site));
    const fallback = sites.length === 0 ? await siteOf(DEFAULT_SITE, [], {}) : undefined;
    if (fallback !== undefined) sites.push(fallback);
    const byAddress = rateOf(limits.requestsPerSecond, limits.requestBurst);
    const bySession = rateOf(limits.sessionRequestsPerSecond, limits.sessionRequestBurst);
    const trusted = new AddressRanges(settings.proxies.trusted);
    const gate = createGate(
      {
        ...components,
        sites: new SiteTable(fallback === undefined ? sites : [], fallback),
        trusted,
        rates: byAddress === undefined && bySession === undefined ? undefined : ratesOf(components, limits),
      },
      { byAddress, bySession, bodyBytes: limits.bodyBytes },
    );
    const reload = async (): Promise<void> => {
      await Promise.all(sources.map((source) => source.reload()));
    };
    return { gate, sites, trusted, addressOf: (request) => addressOf(request, trusted), reload, close };
  } catch (error) {
    close();
    throw error;
  }
}

function openKeys(
  { timers, clock, wallClock, onKeysError, pathOf }: AccessComponents,
  config: TokensConfig,
): { readonly source: KeySource; readonly verifier: Verifier } {
  const { keysFile, keysUrl = '' } = config;
  const source = new KeySource(
    {
      timers,
      clock,
      read: keysFile === undefined ? keysFromUrl(keysUrl) : keysFromFile(keysFile),
      onError: (error) => onKeysError(keysFile ?? keysUrl, error),
      onChange: () => verifier.forget(),
    },
    {
      algorithms: config.algorithms,
      refreshMs: config.refreshMs ?? (keysFile === undefined ? URL_REFRESH_MS : FILE_REFRESH_MS),
    },
  );
  const canonical = (path: string): string | undefined => {
    const named = pathOf(path);
    return 'refused' in named ? undefined : named.path;
  };
  const verifier: Verifier = new Verifier(
    { keys: source, wallClock },
    { ...config, issuer: config.issuer, canonical },
  );
  return { source, verifier };
}

function rateOf(perSecond: number, burst: number): Rate | undefined {
  return perSecond === 0 ? undefined : { perSecond, burst };
}

function ratesOf({ shared }: AccessComponents, limits: ClientLimits): RateTable {
  const clients = rateClients(limits);
  return new RateTable({ clients, ...(shared ?? { seed: randomInt(2 ** 31) }) });
}
