import type Hls from 'hls.js';

/** What a viewer had so far, seen from below the player. Times in ms since it began to watch. */
export interface Observed {
  readonly watchedMs: number;
  /** To the first moving picture; undefined where there was none. */
  readonly startMs: number | undefined;
  /** Time after that in which the picture stood still. */
  readonly stalledMs: number;
  readonly stalls: readonly {
    readonly at: number;
    readonly milliseconds: number;
    readonly position: number;
  }[];
  /** Seconds of the presentation that were jumped over. */
  readonly skippedSeconds: number;
  readonly position: number;
  readonly ended: boolean;
  readonly appendedBytes: number;
  readonly appendedAt: readonly (readonly [at: number, bytes: number])[];
  /** Of all messages on data channels. */
  readonly peerReceivedBytes: number;
  readonly peerSentBytes: number;
  /** Messages received, and the bytes of those under 1,000 bytes, which carry words rather than media. */
  readonly peerMessages: { readonly count: number; readonly wordCount: number; readonly wordBytes: number };
  /** Once a second: how far behind the newest (by hls.js, by the clock), buffered ahead (all s), bit/s, index of the level. */
  readonly samples: readonly Sample[];
  readonly switches: number;
  readonly problems: readonly {
    readonly at: number;
    readonly details: string;
    readonly fatal: boolean;
    readonly what: string;
  }[];
  /** What the SDK says of itself. */
  readonly session: unknown;
  readonly segments: unknown;
  /** What it said meanwhile: its state, its peers. */
  readonly sessionEvents: unknown;
}

export interface Sample {
  readonly at: number;
  /** Undefined where nothing is live. */
  readonly latency: number | undefined;
  readonly clockLatency: number | undefined;
  readonly ahead: number;
  readonly bitrate: number | undefined;
  readonly level: number;
}

interface ViewerWindow {
  readonly hls?: Hls;
  readonly startedAt?: number;
  readonly ready?: boolean;
  readonly startWatching: () => void;
  readonly problems: { at: number; details: string; fatal: boolean; what: string }[];
  readonly session?: { readonly stats: () => unknown };
  readonly segments?: unknown;
  readonly sessionEvents?: unknown;
  observed: () => Observed;
}

declare global {
  /** The window of `viewer.html`. */
  var viewer: ViewerWindow;
}

/** Runs in every page before anything else. Self-contained, since it is sent there as text. */
export function observe(): void {
  const viewer = window as unknown as ViewerWindow;
  globalThis.viewer = viewer;
  const TICK_MS = 50;
  const WORD_BYTES = 1_000;
  const since = (at: number): number => Math.round(at - (viewer.startedAt ?? at));

  let appendedBytes = 0;
  const appendedAt: [number, number][] = [];
  const appendBuffer = SourceBuffer.prototype.appendBuffer;
  SourceBuffer.prototype.appendBuffer = function (this: SourceBuffer, data: BufferSource): void {
    appendBuffer.call(this, data);
    appendedBytes += data.byteLength;
    appendedAt.push([since(performance.now()), data.byteLength]);
  };

  const sizeOf = (data: unknown): number => {
    if (data instanceof ArrayBuffer || ArrayBuffer.isView(data)) return data.byteLength;
    return data instanceof Blob ? data.size : String(data).length;
  };
  let peerReceivedBytes = 0;
  let peerSentBytes = 0;
  const peerMessages = { count: 0, wordCount: 0, wordBytes: 0 };
  const listen = (channel: RTCDataChannel): void =>
    channel.addEventListener('message', ({ data }) => {
      const bytes = sizeOf(data);
      peerReceivedBytes += bytes;
      peerMessages.count++;
      if (bytes < WORD_BYTES) {
        peerMessages.wordCount++;
        peerMessages.wordBytes += bytes;
      }
    });
  const { createDataChannel } = RTCPeerConnection.prototype;
  RTCPeerConnection.prototype.createDataChannel = function (
    this: RTCPeerConnection,
    ...args
  ): RTCDataChannel {
    const channel = createDataChannel.apply(this, args);
    listen(channel);
    return channel;
  };
  const Native = RTCPeerConnection;
  window.RTCPeerConnection = class extends Native {
    constructor(...args: ConstructorParameters<typeof Native>) {
      super(...args);
      this.addEventListener('datachannel', ({ channel }) => listen(channel));
    }
  };
  const { send } = RTCDataChannel.prototype;
  RTCDataChannel.prototype.send = function (this: RTCDataChannel, data: never): void {
    send.call(this, data);
    peerSentBytes += sizeOf(data);
  };

  let startMs: number | undefined;
  let stalledMs = 0;
  let skippedSeconds = 0;
  let switches = 0;
  const stalls: { at: number; milliseconds: number; position: number }[] = [];
  const samples: Sample[] = [];
  let last = { at: 0, position: 0, moving: false };
  let sampledAt = 0;
  let level = -1;

  function look(): void {
    const video = document.querySelector('video');
    const now = performance.now();
    if (video === null || viewer.startedAt === undefined || startMs === undefined) return;
    const position = video.currentTime;
    const moved = position - last.position;
    const passed = now - last.at;
    const moving = moved > 0.001 || video.ended;
    if (moving) {
      if (moved > passed / 1000 + 0.5) skippedSeconds += moved - passed / 1000;
    } else {
      // A picture that has not moved for one look may just be late.
      if (last.moving) stalls.push({ at: since(last.at), milliseconds: 0, position });
      const stall = stalls.at(-1);
      if (stall !== undefined) stall.milliseconds = Math.round(now - viewer.startedAt) - stall.at;
    }
    last = { at: now, position, moving };
    if (now - sampledAt >= 1000) {
      sampledAt = now;
      sample(video, now);
    }
  }

  function sample(video: HTMLVideoElement, now: number): void {
    const { hls } = viewer;
    if (hls === undefined || video.ended) return;
    const { buffered, currentTime } = video;
    let ahead = 0;
    for (let index = 0; index < buffered.length; index++) {
      if (buffered.start(index) <= currentTime + 0.1 && buffered.end(index) > currentTime)
        ahead = buffered.end(index) - currentTime;
    }
    const { playingDate, currentLevel } = hls;
    if (level >= 0 && currentLevel >= 0 && level !== currentLevel) switches++;
    if (currentLevel >= 0) level = currentLevel;
    samples.push({
      at: since(now),
      latency: hls.latestLevelDetails?.live === true ? hls.latency : undefined,
      clockLatency: playingDate === null ? undefined : (Date.now() - playingDate.getTime()) / 1000,
      ahead,
      bitrate: hls.levels[currentLevel]?.bitrate,
      level: currentLevel,
    });
  }

  const playing = (): void => {
    if (startMs !== undefined) return;
    startMs = since(performance.now());
    last = {
      at: performance.now(),
      position: document.querySelector('video')?.currentTime ?? 0,
      moving: true,
    };
  };
  document.addEventListener('playing', playing, true);
  setInterval(look, TICK_MS);
  viewer.observed = () => {
    const real = stalls.filter(({ milliseconds }) => milliseconds > 3 * TICK_MS);
    stalledMs = real.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
    const video = document.querySelector('video');
    return {
      watchedMs: since(performance.now()),
      startMs,
      stalledMs,
      stalls: real,
      skippedSeconds,
      position: video?.currentTime ?? 0,
      ended: video?.ended ?? false,
      appendedBytes,
      appendedAt,
      peerReceivedBytes,
      peerSentBytes,
      peerMessages,
      samples,
      switches,
      problems: viewer.problems.map((problem) => ({ ...problem, at: since(problem.at) })),
      session: viewer.session?.stats(),
      segments: viewer.segments,
      sessionEvents: viewer.sessionEvents,
    };
  };
}
