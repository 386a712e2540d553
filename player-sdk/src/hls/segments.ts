import type { Fragment, FragmentLoaderContext } from 'hls.js';
import type { ScheduleOptions } from '../schedule/options.js';
import type { SegmentReport } from '../session/stats.js';
import type { TransferComponents } from '../transfer/components.js';
import type { Acquired, AcquireEvents, SegmentIdentity } from '../transfer/segment.js';
import { Transfer } from '../transfer/transfer.js';
import { BufferingLag } from './buffering-lag.js';
import type { AcquireRequest, Acquisition } from './fragment-loader.js';
import { identify } from './identity.js';
import { type HlsPlayer, latestDetails } from './player.js';
import { needOf } from './playhead.js';

export interface SegmentsComponents extends TransferComponents {
  readonly player: HlsPlayer;
  readonly schedule?: ScheduleOptions;
  /** Whether others may have segments now, or soon. */
  active(): boolean;
  onReport(report: SegmentReport): void;
}

/** Digests asked for ahead of the segment that is loaded: they must be there before it is decided about. */
const DIGESTS_AHEAD = 4;
/** Where a playlist does not tell: a full HD stream's video and a stereo stream's audio, bytes a second. */
const ASSUMED_BYTES_PER_SECOND = { main: 750_000, audio: 20_000 };

/** Takes on what hls.js asks for, if it is a segment that others can have. */
export class Segments {
  readonly #components: SegmentsComponents;
  readonly #running = new Set<Transfer>();
  readonly #lag: BufferingLag;

  constructor(components: SegmentsComponents) {
    this.#components = components;
    this.#lag = new BufferingLag(components.player);
  }

  acquire({ context, edge, latest }: AcquireRequest, events: AcquireEvents): Acquisition | undefined {
    const { player, clock, swarm, digests, schedule } = this.#components;
    const { frag } = context;
    if (!this.#components.active() || !isShared(context)) return undefined;
    const segment = identify(frag, isLive(player));
    if (segment === undefined) return undefined;
    this.#wantAhead(frag);
    const reported = this.#reporting(segment, frag.type, events);
    const digest = digests.find(segment.location);
    const held = digest && swarm.held(digest.root);
    // A live name may have stood for an earlier segment, and the edge's word may still be about that one.
    if (held !== undefined && (!segment.location.live || held.name.sequence === segment.name.sequence))
      return fromMemory(held.bytes, reported);
    const transfer: Transfer = new Transfer(
      this.#components,
      {
        segment,
        edge,
        expectedBytes: expectedBytes(player, frag),
        durationMs: frag.duration * 1000,
        ...(schedule === undefined ? {} : { schedule }),
        need: () => {
          const need = needOf(player, frag, clock.now());
          return { ...need, deadline: Math.min(need.deadline - this.#lag.ms, latest) };
        },
      },
      {
        onDone: (acquired) => {
          this.#running.delete(transfer);
          reported.onDone(acquired);
        },
        onFailed: (failure) => {
          this.#running.delete(transfer);
          reported.onFailed(failure);
        },
      },
    );
    transfer.start();
    if (!transfer.ended) this.#running.add(transfer);
    return transfer;
  }

  /** A live playlist has grown: asks for the digests of what is new, since the edge tells once, when it has them. */
  wantNewest(fragments: readonly Fragment[]): void {
    for (const fragment of fragments.slice(-DIGESTS_AHEAD)) this.#want(fragment);
  }

  /** Ends everything that runs. */
  close(): void {
    this.#lag.close();
    for (const transfer of this.#running) transfer.cancel();
    this.#running.clear();
  }

  #wantAhead(fragment: Fragment): void {
    const { levels, audioTracks } = this.#components.player;
    const rendition = (fragment.type === 'audio' ? audioTracks : levels)[fragment.level];
    const details = rendition?.details;
    if (details === undefined || typeof fragment.sn !== 'number') return;
    const next = fragment.sn + 1 - details.startSN;
    for (const ahead of details.fragments.slice(Math.max(0, next), next + DIGESTS_AHEAD)) this.#want(ahead);
  }

  #want(fragment: Fragment): void {
    const segment = identify(fragment, isLive(this.#components.player));
    if (segment !== undefined) this.#components.digests.want(segment.location);
  }

  #reporting(segment: SegmentIdentity, track: string, events: AcquireEvents): AcquireEvents {
    const { clock, onReport } = this.#components;
    const startedAt = clock.now();
    return {
      onFailed: (failure) => events.onFailed(failure),
      onDone: (acquired) => {
        events.onDone(acquired);
        onReport(reportOf(segment, track, acquired, clock.now() - startedAt));
      },
    };
  }
}

/** Init segments, parts, subtitles and bandwidth tests are between hls.js and the edge. */
function isShared({ frag, part, resetIV }: FragmentLoaderContext): boolean {
  if (part !== null || resetIV === true || frag.bitrateTest) return false;
  return (frag.type === 'main' || frag.type === 'audio') && frag.sn !== 'initSegment';
}

function isLive(player: HlsPlayer): boolean {
  return latestDetails(player)?.live ?? false;
}

function expectedBytes(player: HlsPlayer, { type, level, duration, byteRange }: Fragment): number {
  const [start, end] = byteRange;
  if (start !== undefined && end !== undefined) return end - start;
  const bitrate = type === 'audio' ? undefined : player.levels[level]?.bitrate;
  const assumed = type === 'audio' ? ASSUMED_BYTES_PER_SECOND.audio : ASSUMED_BYTES_PER_SECOND.main;
  return duration * (bitrate ? bitrate / 8 : assumed);
}

/** Later in the same turn, since hls.js expects no answer before `load()` has returned. */
function fromMemory(bytes: Uint8Array, events: AcquireEvents): Acquisition {
  let cancelled = false;
  queueMicrotask(() => {
    if (cancelled) return;
    const memoryBytes = bytes.length;
    events.onDone({ bytes, edgeBytes: 0, peerBytes: new Map(), memoryBytes, timing: undefined });
  });
  return {
    progress: { loadedBytes: 0, totalBytes: bytes.length, edge: undefined },
    cancel: () => {
      cancelled = true;
    },
  };
}

function reportOf(
  { location }: SegmentIdentity,
  track: string,
  { bytes, edgeBytes, peerBytes, memoryBytes }: Acquired,
  milliseconds: number,
): SegmentReport {
  const peers = Object.fromEntries(peerBytes);
  const fromPeers = [...peerBytes.values()].reduce((sum, part) => sum + part, 0);
  return {
    path: location.path,
    sequence: location.sequence,
    track,
    bytes: bytes.length,
    edgeBytes,
    peerBytes: fromPeers,
    memoryBytes,
    peers,
    milliseconds,
  };
}
