const MONTHS = 'janfebmaraprmayjunjulaugsepoctnovdec';
const IMF = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), (\d{2}) ([A-Z][a-z]{2}) (\d{4}) (\d{2}):(\d{2}):(\d{2}) GMT$/i;
const RFC850 =
  /^(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day, (\d{2})-([A-Z][a-z]{2})-(\d{2}) (\d{2}):(\d{2}):(\d{2}) GMT$/i;
const ASCTIME =
  /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) ([A-Z][a-z]{2}) ([ \d]\d) (\d{2}):(\d{2}):(\d{2}) (\d{4})$/i;

/**
 * Milliseconds since the epoch of one of the three forms of RFC 9110 section 5.6.7. Undefined: none of them; what a
 * lenient parser makes of other text may be days off. `nowMs` tells the century of two-digit years.
 */
export function parseHttpDate(text: string | undefined, nowMs: number): number | undefined {
  if (text === undefined) return undefined;
  const imf = IMF.exec(text);
  if (imf !== null) return utc(Number(imf[3]), imf[2], imf[1], imf[4], imf[5], imf[6]);
  const old = RFC850.exec(text);
  if (old !== null) return utc(fullYear(Number(old[3]), nowMs), old[2], old[1], old[4], old[5], old[6]);
  const c = ASCTIME.exec(text);
  if (c !== null) return utc(Number(c[6]), c[1], c[2], c[3], c[4], c[5]);
  return undefined;
}

/** More than 50 years ahead means the past (RFC 9110 section 5.6.7). */
function fullYear(twoDigits: number, nowMs: number): number {
  const thisYear = new Date(nowMs).getUTCFullYear();
  const year = thisYear - (thisYear % 100) + twoDigits;
  return year > thisYear + 50 ? year - 100 : year;
}

function utc(
  year: number,
  monthName: string | undefined,
  ...rest: (string | undefined)[]
): number | undefined {
  const month = MONTHS.indexOf(monthName?.toLowerCase() ?? '?') / 3;
  const [day = 0, hours = 0, minutes = 0, seconds = 0] = rest.map(Number);
  if (!Number.isInteger(month) || month < 0 || day < 1 || day > 31) return undefined;
  if (hours > 23 || minutes > 59 || seconds > 60) return undefined;
  return Date.UTC(year, month, day, hours, minutes, seconds);
}
