import { median, quantileOf } from '../statistics/statistics.js';
import { copiesOf } from './copies.js';
import type { EdgeRequest } from './link/far-edge.js';
import type { TurnTrace, ViewerTrace } from './trace.js';

/** The figures of one turn; keys are those of the metrics. */
export type SwarmFigures = Readonly<Record<string, number>>;

const MEDIA = /\.(m4s|mp4)(\?|$)/;

export function isMedia({ path }: EdgeRequest): boolean {
  return MEDIA.test(path);
}

function sum<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}

/** Time that a viewer was there and should have seen pictures, and how much of it none moved. */
export function stalledTime({ observed }: ViewerTrace): {
  readonly stalledMs: number;
  readonly ofMs: number;
} {
  const { startMs, watchedMs, stalledMs, samples, ended } = observed;
  // Who never saw a picture waited all the time.
  if (startMs === undefined) return { stalledMs: watchedMs, ofMs: watchedMs };
  const until = ended ? (samples.at(-1)?.at ?? watchedMs) : watchedMs;
  return { stalledMs, ofMs: Math.max(1, until - startMs) };
}

/** What a turn comes to. */
export function figuresOf(turn: TurnTrace): SwarmFigures {
  const { viewers, durationMs, cores } = turn;
  const requests = viewers.flatMap((viewer) => viewer.requests);
  const edgeBytes = sum(requests.filter(isMedia), ({ bytes }) => bytes);
  const controlBytes =
    sum(
      requests.filter((request) => !isMedia(request) && !request.path.startsWith('/viewer/')),
      ({ bytes }) => bytes,
    ) + sum(viewers, ({ socketBytes }) => socketBytes);
  const appended = sum(viewers, ({ observed }) => observed.appendedBytes);
  const fromPeers = sum(viewers, ({ observed }) => observed.peerReceivedBytes);
  const copies = copiesOf(viewers, isMedia);
  const perPlayed = (bytes: number): number => (appended === 0 ? 0 : bytes / appended);
  const times = viewers.map(stalledTime);
  const samples = viewers.flatMap(({ observed }) => observed.samples);
  const latencies = samples.flatMap(({ latency }) => (latency === undefined ? [] : [latency]));
  const clockLatencies = samples.flatMap(({ clockLatency }) =>
    clockLatency === undefined ? [] : [clockLatency],
  );
  const bitrates = samples.flatMap(({ bitrate }) => (bitrate === undefined ? [] : [bitrate]));
  const starts = viewers
    .map(({ observed: { startMs, watchedMs } }) => startMs ?? watchedMs)
    .sort((a, b) => a - b);
  const origin = new Set(turn.originMedia);
  const honest = viewers.filter(({ manner }) => manner === undefined);
  const appendedByHonest = sum(honest, ({ observed }) => observed.appendedBytes);
  const askedByHonest = sum(
    honest.flatMap((viewer) => viewer.requests.filter(isMedia)),
    ({ bytes }) => bytes,
  );
  const uploads = viewers.map(({ observed }) => observed.peerSentBytes);
  const seconds = durationMs / 1000;
  return {
    offload: appended === 0 ? 0 : 1 - edgeBytes / appended,
    edgePerPlayed: perPlayed(edgeBytes),
    firstCopies: perPlayed(copies.first),
    startCopies: perPlayed(copies.starting),
    furtherCopies: perPlayed(copies.further),
    wasted: Math.max(0, edgeBytes + fromPeers - appended) / Math.max(1, edgeBytes + fromPeers),
    stalled:
      sum(times, ({ stalledMs }) => stalledMs) /
      Math.max(
        1,
        sum(times, ({ ofMs }) => ofMs),
      ),
    stalls: sum(viewers, ({ observed }) => observed.stalls.length),
    skippedSeconds: sum(viewers, ({ observed }) => observed.skippedSeconds),
    ...(latencies.length === 0 ? {} : { latency: median(latencies) }),
    ...(clockLatencies.length === 0 ? {} : { clockLatency: median(clockLatencies) }),
    ...(starts.length === 0 ? {} : { startMedianMs: median(starts), startP95Ms: quantileOf(starts, 0.95) }),
    ...(bitrates.length === 0 ? {} : { bitrate: sum(bitrates, (bitrate) => bitrate) / bitrates.length }),
    wrongSegments: sum(
      viewers,
      ({ witnessed }) => witnessed.media.filter((hash) => !origin.has(hash)).length,
    ),
    died: viewers.filter(({ witnessed }) => witnessed.mediaErrors.length > 0).length,
    standing: viewers.filter(({ witnessed }) => witnessed.stands).length,
    honestOffload: appendedByHonest === 0 ? 0 : 1 - askedByHonest / appendedByHonest,
    honestStalls: sum(honest, ({ observed }) => observed.stalls.length),
    problems: sum(viewers, ({ observed }) => observed.problems.length),
    switches: sum(viewers, ({ observed }) => observed.switches),
    edgeBytes,
    appendedBytes: appended,
    peerBytes: fromPeers,
    peerWordBytes: sum(viewers, ({ observed }) => observed.peerMessages.wordBytes),
    controlBytes,
    edgeRequests: requests.filter(isMedia).length,
    uploadShare:
      Math.max(0, ...uploads) /
      Math.max(
        1,
        sum(uploads, (bytes) => bytes),
      ),
    fatal: sum(viewers, ({ observed }) => observed.problems.filter(({ fatal }) => fatal).length),
    scriptErrors: sum(viewers, ({ scriptErrors }) => scriptErrors.length),
    pageCores: turn.browserSeconds / seconds,
    idle: Math.max(0, 1 - turn.busySeconds / seconds / cores),
    stolenCores: turn.stolenSeconds / seconds,
  };
}
