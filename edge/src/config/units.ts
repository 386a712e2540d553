const SIZE = /^(\d+(?:\.\d+)?)\s*([kmgt]i?b|[kmgt]|b|)$/i;
const SIZE_UNITS: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  k: 1024,
  kb: 1000,
  kib: 1024,
  m: 1024 ** 2,
  mb: 1000 ** 2,
  mib: 1024 ** 2,
  g: 1024 ** 3,
  gb: 1000 ** 3,
  gib: 1024 ** 3,
  t: 1024 ** 4,
  tb: 1000 ** 4,
  tib: 1024 ** 4,
};

const DURATION = /^(\d+(?:\.\d+)?)\s*(ms|s|m|h|d|)$/;
const DURATION_UNITS: Readonly<Record<string, number>> = {
  '': 1,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** Bytes in a size such as `256MiB`, `1.5g` (1024-based), `10MB` (1000-based) or `4096`. Undefined: not a size. */
export function parseSize(text: string): number | undefined {
  return parse(text, SIZE, SIZE_UNITS);
}

/** Milliseconds in a duration such as `500ms`, `30s`, `5m`, `2h`, `7d` or `500`. Undefined: not a duration. */
export function parseDuration(text: string): number | undefined {
  return parse(text, DURATION, DURATION_UNITS);
}

function parse(text: string, form: RegExp, units: Readonly<Record<string, number>>): number | undefined {
  const [, amount, unit] = form.exec(text.trim()) ?? [];
  const scale = unit === undefined ? undefined : units[unit.toLowerCase()];
  if (amount === undefined || scale === undefined) return undefined;
  const value = Math.round(Number(amount) * scale);
  return Number.isSafeInteger(value) ? value : undefined;
}
