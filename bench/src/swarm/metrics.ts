import type { Metric } from '../report/report.js';

export const OFFLOAD: Metric = { key: 'offload', label: 'offload', unit: 'share', better: 'higher' };
export const EDGE_PER_PLAYED: Metric = {
  key: 'edgePerPlayed',
  label: 'edge/played',
  unit: 'fraction',
  better: 'lower',
};

/** Of every scenario; the keys are those of `figuresOf`. */
export const SWARM_METRICS: readonly Metric[] = [
  EDGE_PER_PLAYED,
  OFFLOAD,
  { key: 'firstCopies', label: 'first copies', unit: 'fraction', better: 'lower' },
  { key: 'startCopies', label: 'at start', unit: 'fraction', better: 'lower' },
  { key: 'furtherCopies', label: 'further', unit: 'fraction', better: 'lower' },
  { key: 'wasted', label: 'wasted', unit: 'share', better: 'lower' },
  { key: 'stalled', label: 'stalled', unit: 'share', better: 'lower' },
  { key: 'stalls', label: 'stalls', unit: 'count', better: 'lower' },
  { key: 'wrongSegments', label: 'wrong', unit: 'count', better: 'lower' },
  { key: 'died', label: 'died', unit: 'count', better: 'lower' },
  { key: 'latency', label: 'behind live', unit: 's', better: 'lower' },
  { key: 'clockLatency', label: 'by the clock', unit: 's', better: 'lower' },
  { key: 'startP95Ms', label: 'start p95', unit: 'ms', better: 'lower' },
  { key: 'bitrate', label: 'bitrate', unit: 'bit/s', better: 'higher' },
  { key: 'switches', label: 'switches', unit: 'count', better: 'lower' },
  { key: 'pageCores', label: 'browser cores', unit: 'cores', better: 'lower' },
  { key: 'idle', label: 'idle', unit: 'share', better: 'higher' },
  { key: 'startMedianMs', label: 'start median', unit: 'ms', better: 'lower', detail: true },
  { key: 'skippedSeconds', label: 'skipped', unit: 's', better: 'lower', detail: true },
  { key: 'edgeBytes', label: 'edge media', unit: 'bytes', better: 'lower', detail: true },
  { key: 'appendedBytes', label: 'appended', unit: 'bytes', better: 'higher', detail: true },
  { key: 'peerBytes', label: 'from peers', unit: 'bytes', better: 'higher', detail: true },
  { key: 'peerWordBytes', label: 'of these words', unit: 'bytes', better: 'lower', detail: true },
  { key: 'controlBytes', label: 'edge other', unit: 'bytes', better: 'lower', detail: true },
  { key: 'edgeRequests', label: 'edge requests', unit: 'count', better: 'lower', detail: true },
  { key: 'uploadShare', label: 'largest uploader', unit: 'share', better: 'lower', detail: true },
  { key: 'honestOffload', label: 'offload of the honest', unit: 'share', better: 'higher', detail: true },
  { key: 'honestStalls', label: 'stalls of the honest', unit: 'count', better: 'lower', detail: true },
  { key: 'standing', label: 'standing at the end', unit: 'count', better: 'lower', detail: true },
  { key: 'problems', label: 'errors in hls.js', unit: 'count', better: 'lower', detail: true },
  { key: 'fatal', label: 'fatal errors', unit: 'count', better: 'lower', detail: true },
  { key: 'scriptErrors', label: 'uncaught errors', unit: 'count', better: 'lower', detail: true },
  { key: 'stolenCores', label: 'stolen', unit: 'cores', better: 'lower', detail: true },
];
