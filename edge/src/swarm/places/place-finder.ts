import { isIP } from 'node:net';
import { LRUCache } from 'lru-cache';
import { Reader } from 'mmdb-lib';
import { NOWHERE, type Place, prefixOf } from '../matching/place.js';

export interface PlaceFinderComponents {
  /** Reads a file whole. */
  readonly read: (file: string) => Promise<Buffer>;
  /** A database could not be read anew; the old one stays. */
  readonly onError: (file: string, error: unknown) => void;
}

/** As much of an entry as counts here: `asn`, `country`, `city` databases and those that have all of it. */
interface Entry {
  readonly autonomous_system_number?: unknown;
  readonly continent?: { readonly code?: unknown };
  readonly country?: { readonly iso_code?: unknown };
  readonly subdivisions?: readonly { readonly iso_code?: unknown }[];
}

/** Addresses whose place is remembered; one takes about 300 bytes. */
const MAX_FOUND = 20_000;

/** Tells where an address is, by databases in MaxMind's format that the operator mounts; without any, by its prefix. */
export class PlaceFinder {
  readonly #components: PlaceFinderComponents;
  readonly #files: readonly string[];
  /** A player's address is asked about every few seconds. */
  readonly #found = new LRUCache<string, Place>({ max: MAX_FOUND });
  #readers: readonly Reader<never>[] = [];

  constructor(components: PlaceFinderComponents, files: readonly string[]) {
    this.#components = components;
    this.#files = files;
  }

  /** @throws what is wrong with the first file that cannot be used. */
  async open(): Promise<void> {
    const readers: Reader<never>[] = [];
    for (const file of this.#files) readers.push(await this.#read(file));
    this.#readers = readers;
    this.#found.clear();
  }

  /** Looks at all files again. Does not throw. */
  async reload(): Promise<void> {
    this.#readers = await Promise.all(
      this.#files.map(async (file, index) => {
        try {
          return await this.#read(file);
        } catch (error) {
          this.#components.onError(file, error);
          const before = this.#readers[index];
          if (before === undefined) throw error;
          return before;
        }
      }),
    );
    this.#found.clear();
  }

  placeOf(address: string | undefined): Place {
    if (address === undefined) return NOWHERE;
    const found = this.#found.get(address) ?? this.#look(address);
    this.#found.set(address, found);
    return found;
  }

  #look(address: string): Place {
    if (isIP(address) === 0) return NOWHERE;
    let place: Place = { prefix: prefixOf(address) };
    const plain = address.replace(/^::ffff:(?=\d+\.)/i, '').split('%', 1)[0] ?? '';
    for (const reader of this.#readers) place = { ...place, ...known(find(reader, plain)) };
    return place;
  }

  async #read(file: string): Promise<Reader<never>> {
    return new Reader<never>(await this.#components.read(file));
  }
}

/** A damaged database, or one of IPv4 that is asked for an IPv6 address, knows nothing. */
function find(reader: Reader<never>, address: string): Entry {
  try {
    const entry: unknown = reader.get(address);
    return typeof entry === 'object' && entry !== null ? entry : {};
  } catch {
    return {};
  }
}

function known(entry: Entry): Partial<Place> {
  const { autonomous_system_number: network, continent, country, subdivisions } = entry;
  const countryCode = country?.iso_code;
  const part = subdivisions?.[0]?.iso_code;
  return {
    ...(typeof network === 'number' ? { network } : {}),
    ...(typeof continent?.code === 'string' ? { continent: continent.code } : {}),
    ...(typeof countryCode === 'string'
      ? { region: typeof part === 'string' ? `${countryCode}-${part}` : countryCode }
      : {}),
  };
}
