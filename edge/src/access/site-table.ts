import { normalHost } from './host.js';

/** A site by its name, with whatever belongs to it. */
export interface NamedSite {
  readonly name: string;
  /** As in the settings: `video.example`, `*.cdn.example`. */
  readonly hosts: readonly string[];
}

export type Resolution<Site> =
  | { readonly site: Site; readonly host: string }
  | { readonly refused: 'bad-host' | 'unknown-host' };

/** Spellings of hosts whose answer is remembered. Whoever sends more makes it forget, not grow. */
const MAX_REMEMBERED = 4096;

/** Which site a Host is for. */
export class SiteTable<Site extends NamedSite> {
  readonly #fallback: Site | undefined;
  readonly #exact = new Map<string, Site>();
  /** By what follows the star, dot included; longest first. */
  readonly #wild: (readonly [suffix: string, site: Site])[] = [];
  readonly #remembered = new Map<string, Resolution<Site>>();
  /** The last one asked for: most edges have one host, and comparing is cheaper than hashing. */
  #lastHost = '';
  #last: Resolution<Site> = { refused: 'bad-host' };

  /** `fallback` answers where no site does; without it such hosts are refused. */
  constructor(sites: readonly Site[], fallback?: Site) {
    this.#fallback = fallback;
    for (const site of sites) {
      for (const host of site.hosts) {
        if (host.startsWith('*.')) this.#wild.push([host.slice(1), site]);
        else this.#exact.set(host, site);
      }
    }
    this.#wild.sort(([one], [other]) => other.length - one.length);
  }

  /** `host` as sent: any case, perhaps with a port. Undefined where the request names none. */
  resolve(host: string | undefined): Resolution<Site> {
    if (host === this.#lastHost) return this.#last;
    if (host === undefined) return this.#orFallback('');
    const resolution = this.#remember(host);
    this.#lastHost = host;
    this.#last = resolution;
    return resolution;
  }

  #remember(host: string): Resolution<Site> {
    const known = this.#remembered.get(host);
    if (known !== undefined) return known;
    const resolution = this.#find(host);
    if (this.#remembered.size >= MAX_REMEMBERED) this.#remembered.clear();
    this.#remembered.set(host, resolution);
    return resolution;
  }

  #find(text: string): Resolution<Site> {
    const host = normalHost(text);
    if (host === undefined) return { refused: 'bad-host' };
    const exact = this.#exact.get(host);
    if (exact !== undefined) return { site: exact, host };
    for (const [suffix, site] of this.#wild) if (host.endsWith(suffix)) return { site, host };
    return this.#orFallback(host);
  }

  #orFallback(host: string): Resolution<Site> {
    return this.#fallback === undefined ? { refused: 'unknown-host' } : { site: this.#fallback, host };
  }
}
