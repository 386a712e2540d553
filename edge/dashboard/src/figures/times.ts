/** Moments on axes and in legends, by how long the time shown is. Runs in the browser; knows nothing of it. */

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

type Parts = Intl.DateTimeFormatOptions;

const CLOCK: Parts = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' };
const SHORT_DAY: Parts = { weekday: 'short', day: 'numeric' };
const DATE: Parts = { day: 'numeric', month: 'short' };
const FULL_DATE: Parts = { day: 'numeric', month: 'short', year: 'numeric' };

export class Times {
  readonly #locale: string | undefined;
  readonly #timeZone: string | undefined;
  readonly #formats = new Map<Parts, Intl.DateTimeFormat>();

  /** @param timeZone IANA name; undefined: the browser's. */
  constructor(locale: string | undefined, timeZone?: string) {
    this.#locale = locale;
    this.#timeZone = timeZone;
  }

  /** Below an axis that is `spanSeconds` long. */
  tick(spanSeconds: number, seconds: number): string {
    if (spanSeconds <= 2 * DAY) return this.#format(CLOCK, seconds);
    if (spanSeconds <= 10 * DAY) return this.#format(SHORT_DAY, seconds);
    return this.#format(spanSeconds <= 300 * DAY ? DATE : MONTH, seconds);
  }

  /** In a legend or a table: the step of `stepSeconds` that began then. */
  step(stepSeconds: number, seconds: number): string {
    if (stepSeconds >= DAY) return this.#format(FULL_DATE, seconds);
    return this.#format(MOMENT, seconds);
  }

  clock(ms: number): string {
    return this.#format(CLOCK_WITH_SECONDS, ms / 1000);
  }

  moment(ms: number): string {
    return this.#format(MOMENT, ms / 1000);
  }

  date(ms: number): string {
    return this.#format(FULL_DATE, ms / 1000);
  }

  /** From when to when; by day where it is long. With the year where it is long, or not that of `nowMs`. */
  span(fromMs: number, toMs: number, nowMs: number = toMs): string {
    const isOfNow = new Date(toMs).getFullYear() === new Date(nowMs).getFullYear();
    const parts = toMs - fromMs > 3 * DAY * 1000 ? FULL_DATE : isOfNow ? MOMENT : FULL_MOMENT;
    return this.#formatOf(parts).formatRange(fromMs, toMs - 1);
  }

  #format(parts: Parts, seconds: number): string {
    return this.#formatOf(parts).format(seconds * 1000);
  }

  #formatOf(parts: Parts): Intl.DateTimeFormat {
    let format = this.#formats.get(parts);
    if (format === undefined) {
      const zone = this.#timeZone === undefined ? {} : { timeZone: this.#timeZone };
      format = new Intl.DateTimeFormat(this.#locale, { ...parts, ...zone });
      this.#formats.set(parts, format);
    }
    return format;
  }
}

const MONTH: Parts = { month: 'short', year: '2-digit' };
const MOMENT: Parts = { ...SHORT_DAY, month: 'short', ...CLOCK };
const FULL_MOMENT: Parts = { ...FULL_DATE, ...CLOCK };
const CLOCK_WITH_SECONDS: Parts = { ...CLOCK, second: '2-digit' };

/** Whole minutes, hours and days only. */
const TICK_STEPS: readonly number[] = [
  ...[1, 2, 5, 10, 15, 30].map((minutes) => minutes * MINUTE),
  ...[1, 2, 3, 6, 12].map((hours) => hours * HOUR),
  ...[1, 2, 7, 14, 30, 90, 180].map((days) => days * DAY),
];

/** Distances between ticks, in seconds: where they are called by their day, no two have the same name. */
export function tickSteps(spanSeconds: number): readonly number[] {
  return spanSeconds <= 2 * DAY ? TICK_STEPS : TICK_STEPS.filter((step) => step >= DAY);
}

export function stepLabel(stepSeconds: number): string {
  const [unit, seconds] =
    stepSeconds < HOUR
      ? (['minute', MINUTE] as const)
      : stepSeconds < DAY
        ? (['hour', HOUR] as const)
        : (['day', DAY] as const);
  const many = Math.round(stepSeconds / seconds);
  return many === 1 ? `by ${unit}` : `by ${many} ${unit}s`;
}

/** A day of a date field (`2026-11-26`) in the browser's time zone, as milliseconds; undefined: none was chosen. */
export function dayStart(day: string, plusDays = 0): number | undefined {
  const [, year, month, date] = /^(\d{4})-(\d\d)-(\d\d)$/.exec(day) ?? [];
  if (year === undefined) return undefined;
  return new Date(Number(year), Number(month) - 1, Number(date) + plusDays).getTime();
}

/** The same back. */
export function dayField(ms: number): string {
  const at = new Date(ms);
  const two = (part: number): string => String(part).padStart(2, '0');
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
}
