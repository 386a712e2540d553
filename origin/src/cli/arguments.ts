import { InvalidArgumentError } from 'commander';

const UNITS: Readonly<Record<string, number>> = { '': 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30 };

/** `64m`, `1g`, `500k` or plain bytes. */
export function parseSize(text: string): number {
  const [, digits = '', unit = ''] = /^(\d+)\s*([kmg]?)(?:i?b)?$/i.exec(text) ?? [];
  const bytes = Number(digits) * (UNITS[unit.toLowerCase()] ?? 1);
  if (digits === '' || bytes < 1 || bytes > 2 ** 31)
    throw new InvalidArgumentError('Give bytes, or a number with k, m or g, up to 2g.');
  return bytes;
}

export function parseSeconds(text: string): number {
  const seconds = Number(text);
  if (!(seconds > 0 && seconds <= 60))
    throw new InvalidArgumentError('Give seconds, more than 0 and at most 60.');
  return seconds;
}

export function parseWindow(text: string): number {
  const size = Number(text);
  if (!(Number.isInteger(size) && size >= 3 && size <= 1000))
    throw new InvalidArgumentError('Give a whole number from 3 to 1000.');
  return size;
}

/** `HOST:PORT`, `[::1]:PORT`, or `:PORT` for loopback. */
export function parseListen(text: string): { host: string; port: number } {
  const [, host = '', port = ''] = /^(.*):(\d{1,5})$/.exec(text) ?? [];
  const number = Number(port);
  if (port === '' || number > 65535) throw new InvalidArgumentError('Give HOST:PORT, say 127.0.0.1:8090.');
  return { host: host.replace(/^\[|\]$/g, '') || '127.0.0.1', port: number };
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\./.test(host);
}
