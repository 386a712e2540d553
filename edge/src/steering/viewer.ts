import type { IncomingMessage } from 'node:http';
import { parseRoundTrips, ROUND_TRIPS_PARAMETER, sessionOf } from '@eddy/protocol';
import type { AddressRanges } from '../access/address.js';
import type { Place } from '../swarm/matching/place.js';
import type { SteeredViewer } from './decide.js';
import { BASE_PARAMETER } from './playlist.js';

export interface ViewerSources {
  readonly trusted: AddressRanges;
  /** Lower case. */
  readonly regionHeader: string | undefined;
  readonly placeOf: (address: string | undefined) => Place;
}

/** Whose request it is, as the gate has found out. */
export interface Asker {
  readonly address: string;
  /** Of the token. */
  readonly session: string | undefined;
}

export interface SteeringQuestion {
  readonly viewer: SteeredViewer;
  /** The pathway that the playlist names; undefined: the question does not say. */
  readonly base: string | undefined;
}

const ID = /^[\w.-]{1,64}$/;
const WORD = /^[\w-]{1,64}$/;
const MAX_WORDS = 4;
const CONTINENTS: Readonly<Record<string, string>> = {
  ...{ AF: 'africa', AN: 'antarctica', AS: 'asia', EU: 'europe' },
  ...{ NA: 'north-america', OC: 'oceania', SA: 'south-america' },
};

/** What a request to `STEERING_PATH` asks, and who asks it. Its query is a stranger's: what is not good is left out. */
export function steeringQuestion(
  { url = '', headers, socket }: Pick<IncomingMessage, 'url' | 'headers' | 'socket'>,
  { address, session }: Asker,
  { trusted, regionHeader, placeOf }: ViewerSources,
): SteeringQuestion {
  const query = new URLSearchParams(url.slice(url.indexOf('?') + 1));
  const named = (parameter: string): string | undefined => {
    const value = query.get(parameter);
    return value !== null && ID.test(value) ? value : undefined;
  };
  const told =
    regionHeader !== undefined && trusted.includes(socket.remoteAddress ?? '')
      ? headers[regionHeader]
      : undefined;
  return {
    base: named(BASE_PARAMETER),
    viewer: {
      key: sessionOf(url) ?? session ?? address,
      regions: told === undefined ? wordsOf(placeOf(address)) : wordsIn(String(told)),
      at: named('_HLS_pathway'),
      roundTripsMs: parseRoundTrips(query.get(ROUND_TRIPS_PARAMETER) ?? ''),
    },
  };
}

function wordsIn(field: string): string[] {
  const words = field.split(',').map((word) => word.trim().toLowerCase());
  return words.filter((word) => WORD.test(word)).slice(0, MAX_WORDS);
}

/** `DE-BY` in Europe: `de-by`, `de`, `europe`. */
function wordsOf({ region, continent }: Place): string[] {
  const country = region?.split('-', 1)[0];
  const words = [region, country === region ? undefined : country, CONTINENTS[continent ?? '']];
  return words.flatMap((word) => (word === undefined ? [] : [word.toLowerCase()]));
}
