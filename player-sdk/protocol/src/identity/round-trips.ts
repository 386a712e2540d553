/** The parameter of a steering request that tells how far a player is from PoPs. */
export const ROUND_TRIPS_PARAMETER = '_eddy_rtt';
/** Most PoPs that one request tells of. */
export const MAX_ROUND_TRIPS = 8;

/** Coarser than the network's noise, and too coarse to tell who somebody is. */
const STEP_MS = 5;
const MOST_MS = 5_000;
const NAMED = /^([\w.-]{1,64})~(\d{1,4})$/;

/**
 * Round trips in milliseconds by pathway, as a query carries them: rounded to 5 ms, the nearest first.
 *
 * @example formatRoundTrips(new Map([['fra', 12], ['nyc', 96]])) // "fra~10!nyc~95"
 */
export function formatRoundTrips(roundTripsMs: ReadonlyMap<string, number>): string {
  return [...roundTripsMs]
    .sort(([, one], [, other]) => one - other)
    .slice(0, MAX_ROUND_TRIPS)
    .map(([pathway, ms]) => `${pathway}~${Math.min(MOST_MS, Math.round(ms / STEP_MS) * STEP_MS)}`)
    .join('!');
}

/** What of it can be read; the rest is left out. */
export function parseRoundTrips(text: string): Map<string, number> {
  const roundTripsMs = new Map<string, number>();
  for (const part of text.split('!', MAX_ROUND_TRIPS)) {
    const [, pathway, ms] = NAMED.exec(part) ?? [];
    if (pathway !== undefined) roundTripsMs.set(pathway, Math.min(MOST_MS, Number(ms)));
  }
  return roundTripsMs;
}
