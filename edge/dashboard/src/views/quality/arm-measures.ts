import type { ArmQuality, Quality } from '../../../../src/insight/queries/figures.js';
import type { Formats } from '../../figures/formats.js';

/** One measure of the picture, in both arms. */
export interface ArmMeasure {
  readonly name: string;
  /** In a file, with its unit. */
  readonly csv: string;
  readonly about: string;
  readonly good: 'more' | 'less' | 'neither';
  readonly isShare?: true;
  readonly of: (arm: ArmQuality) => number | null;
  readonly show: (formats: Formats, value: number | null) => string;
}

const took = (formats: Formats, value: number | null): string => formats.took(value);
const share = (formats: Formats, value: number | null): string => formats.percent(value);
const rate = (formats: Formats, value: number | null): string => formats.kilobits(value);
const amount = (formats: Formats, value: number | null): string =>
  value === null ? '–' : formats.amount(value);

export const ARM_MEASURES: readonly ArmMeasure[] = [
  {
    ...{ name: 'Start-up, median', csv: 'startup_p50_ms', good: 'less', show: took },
    about: 'from play to the first picture',
    of: ({ startupMs }) => startupMs.p50,
  },
  {
    ...{ name: 'Start-up, slowest 10%', csv: 'startup_p90_ms', good: 'less', show: took },
    about: 'one in ten waits longer',
    of: ({ startupMs }) => startupMs.p90,
  },
  {
    ...{ name: 'Start-up, slowest 1%', csv: 'startup_p99_ms', good: 'less', show: took },
    about: 'one in a hundred waits longer',
    of: ({ startupMs }) => startupMs.p99,
  },
  {
    ...{ name: 'Time stalled', csv: 'rebuffer_share', good: 'less', show: share, isShare: true },
    about: 'of the time watched and stalled',
    of: ({ rebufferShare }) => rebufferShare,
  },
  {
    ...{ name: 'Stalls per hour', csv: 'stalls_per_hour', good: 'less', show: amount },
    about: 'of watching',
    of: ({ rebuffers, watchedMs }) => (watchedMs > 0 ? rebuffers / (watchedMs / 3.6e6) : null),
  },
  {
    ...{ name: 'Bitrate, mean', csv: 'bitrate_mean_kbps', good: 'more', show: rate },
    about: 'of the renditions watched',
    of: ({ meanBitrateKbps }) => meanBitrateKbps,
  },
  {
    ...{ name: 'Bitrate, median', csv: 'bitrate_p50_kbps', good: 'more', show: rate },
    about: 'half of the time below it',
    of: ({ bitrateKbps }) => bitrateKbps.p50,
  },
  {
    ...{ name: 'Errors per hour', csv: 'errors_per_hour', good: 'less', show: amount },
    about: 'of watching, as players name them',
    of: ({ errorsPerHour }) => errorsPerHour,
  },
  {
    ...{ name: 'Sessions', csv: 'sessions', good: 'neither' },
    about: 'that began',
    of: ({ sessions }) => sessions,
    show: (formats, value) => formats.count(value ?? 0),
  },
  {
    ...{ name: 'Watched', csv: 'watched_ms', good: 'neither' },
    about: 'in all',
    of: ({ watchedMs }) => watchedMs,
    show: (formats, value) => formats.duration(value ?? 0),
  },
];

export interface Arms {
  readonly treated: ArmQuality | undefined;
  readonly holdout: ArmQuality | undefined;
}

/** Arms that anybody watched in. */
export function armsOf({ arms }: Quality): Arms {
  const watched = arms.filter(({ watchedMs }) => watchedMs > 0);
  return {
    treated: watched.find(({ arm }) => arm === 'treated'),
    holdout: watched.find(({ arm }) => arm === 'holdout'),
  };
}

export interface ArmRow {
  readonly measure: ArmMeasure;
  readonly treated: number | null;
  readonly holdout: number | null;
}

export function armRows({ treated, holdout }: Arms): ArmRow[] {
  return ARM_MEASURES.map((measure) => ({
    measure,
    treated: treated === undefined ? null : measure.of(treated),
    holdout: holdout === undefined ? null : measure.of(holdout),
  }));
}
