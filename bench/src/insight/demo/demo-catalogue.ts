/** A made-up company: what it streams, to whom, from where. All figures are invented. */

export interface DemoStream {
  readonly name: string;
  /** Watching at a time at the busiest hour of an ordinary day, all regions together. */
  readonly peakViewers: number;
  readonly kbps: number;
  /** Share of its time stalled, of viewers who get everything from the edge. */
  readonly stalled: number;
}

export interface DemoRegion {
  readonly name: string;
  readonly pop: string;
  readonly share: number;
  /** Hours before (negative) or after UTC. */
  readonly hoursAhead: number;
  /** The first one has half of the viewers. */
  readonly networks: readonly string[];
}

export const DEMO_STREAMS: readonly DemoStream[] = [
  { name: '/live/cup-final/master.m3u8', peakViewers: 2400, kbps: 5200, stalled: 0.009 },
  { name: '/live/news-24/master.m3u8', peakViewers: 620, kbps: 2800, stalled: 0.004 },
  { name: '/live/concert-hall/master.m3u8', peakViewers: 310, kbps: 4200, stalled: 0.006 },
  { name: '/films/the-long-tide/master.m3u8', peakViewers: 190, kbps: 6100, stalled: 0.003 },
  { name: '/films/north-of-here/master.m3u8', peakViewers: 120, kbps: 5600, stalled: 0.003 },
  { name: '/series/harbour/s1e1/master.m3u8', peakViewers: 96, kbps: 4600, stalled: 0.003 },
  { name: '/series/harbour/s1e2/master.m3u8', peakViewers: 71, kbps: 4600, stalled: 0.003 },
  { name: '/series/harbour/s1e3/master.m3u8', peakViewers: 55, kbps: 4600, stalled: 0.003 },
  { name: '/sport/handball/semi-final/master.m3u8', peakViewers: 44, kbps: 5000, stalled: 0.006 },
  { name: '/kids/paper-boats/07/master.m3u8', peakViewers: 28, kbps: 2400, stalled: 0.002 },
  { name: '/kids/paper-boats/08/master.m3u8', peakViewers: 19, kbps: 2400, stalled: 0.002 },
  { name: '/lectures/rivers/12/master.m3u8', peakViewers: 9, kbps: 1600, stalled: 0.002 },
  { name: '/lectures/rivers/13/master.m3u8', peakViewers: 4.5, kbps: 1600, stalled: 0.002 },
  { name: '/archive/1998/interview/master.m3u8', peakViewers: 1.6, kbps: 900, stalled: 0.002 },
  { name: '/archive/2003/portrait/master.m3u8', peakViewers: 0.8, kbps: 900, stalled: 0.002 },
];

export const DEMO_REGIONS: readonly DemoRegion[] = [
  region('DE', 'fra', 0.3, 1, ['AS3320', 'AS3209', 'AS31334']),
  region('FR', 'par', 0.19, 1, ['AS3215', 'AS12322', 'AS15557']),
  region('GB', 'lon', 0.15, 0, ['AS2856', 'AS5089', 'AS5607']),
  region('PL', 'waw', 0.11, 1, ['AS5617', 'AS12741', 'AS43447']),
  region('NL', 'fra', 0.08, 1, ['AS1136', 'AS33915', 'AS50266']),
  region('IT', 'fra', 0.07, 1, ['AS3269', 'AS12874', 'AS1267']),
  region('BE', 'par', 0.05, 1, ['AS5432', 'AS6848', 'AS12392']),
  region('IE', 'lon', 0.03, 0, ['AS5466', 'AS6830', 'AS15502']),
  region('', 'fra', 0.02, 1, ['', '', '']),
];

export const DEMO_DEVICES = [
  { name: 'desktop', share: 0.42 },
  { name: 'mobile', share: 0.33 },
  { name: 'tv', share: 0.17 },
  { name: 'tablet', share: 0.08 },
] as const;

export const DEMO_EDGES = [
  { edge: 'fra-1', pop: 'fra', share: 0.26, hitRatio: 0.972 },
  { edge: 'fra-2', pop: 'fra', share: 0.21, hitRatio: 0.969 },
  { edge: 'par-1', pop: 'par', share: 0.24, hitRatio: 0.961 },
  { edge: 'lon-1', pop: 'lon', share: 0.18, hitRatio: 0.953 },
  { edge: 'waw-1', pop: 'waw', share: 0.11, hitRatio: 0.884 },
] as const;

function region(
  name: string,
  pop: string,
  share: number,
  hoursAhead: number,
  networks: readonly string[],
): DemoRegion {
  return { name, pop, share, hoursAhead, networks };
}

/** 0 to 1, the same for the same parts. */
export function chance(...parts: readonly number[]): number {
  let state = 0x9e3779b9;
  for (const part of parts) {
    state = Math.imul(state ^ Math.floor(part), 0x85ebca6b);
    state = Math.imul(state ^ (state >>> 13), 0xc2b2ae35);
    state ^= state >>> 16;
  }
  return (state >>> 0) / 2 ** 32;
}

/** The one of them that a number from 0 to 1 falls on, by their shares. */
export function drawn<Item extends { readonly share: number }>(items: readonly Item[], at: number): Item {
  let rest = at;
  for (const item of items) {
    rest -= item.share;
    if (rest < 0) return item;
  }
  const last = items.at(-1);
  if (last === undefined) throw new Error('nothing to draw from');
  return last;
}
