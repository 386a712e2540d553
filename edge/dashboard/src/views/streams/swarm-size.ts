import type { Streams } from '../../../../src/insight/queries/figures.js';

type StreamRow = Streams['streams'][number];

export interface Dot {
  readonly presentation: string;
  readonly viewers: number;
  readonly offload: number;
  /** 0 to 1, from left to right and from below to above. */
  readonly x: number;
  readonly y: number;
  /** 0 to 1, by bytes delivered: its area tells them. */
  readonly size: number;
}

export interface SwarmSizes {
  readonly dots: readonly Dot[];
  /** Powers of ten below the axis, with their place from 0 to 1. */
  readonly ticks: readonly { readonly viewers: number; readonly x: number }[];
}

/** Where streams stand: by their viewers at a time (by powers of ten) and by their offload. */
export function swarmSizes(rows: readonly StreamRow[]): SwarmSizes {
  const known = rows.flatMap((row) => {
    const { meanViewers: viewers, offload } = row;
    return viewers > 0 && offload !== null ? [{ ...row, viewers, offload }] : [];
  });
  const powers = known.map(({ viewers }) => Math.log10(viewers));
  const low = Math.floor(Math.min(0, ...powers));
  const high = Math.max(low + 1, Math.ceil(Math.max(...powers)));
  const place = (power: number): number => (power - low) / (high - low);
  const most = Math.max(1, ...known.map(({ edgeBytes, peerBytes }) => edgeBytes + peerBytes));
  return {
    // The largest first, so that small ones lie above them.
    dots: known
      .map(({ presentation, viewers, offload, edgeBytes, peerBytes }) => ({
        ...{ presentation, viewers, offload, x: place(Math.log10(viewers)), y: offload },
        size: Math.sqrt((edgeBytes + peerBytes) / most),
      }))
      .sort((one, other) => other.size - one.size),
    ticks: Array.from({ length: high - low + 1 }, (_, index) => ({
      viewers: 10 ** (low + index),
      x: index / (high - low),
    })),
  };
}
