import type { ServerResponse } from 'node:http';
import { firstValue } from '../cache/fields.js';

/** Passes on what the origin says before it answers (RFC 9110 section 15.2), as far as Node lets us say it. */
export function passInfo(response: ServerResponse, status: number, fields: readonly string[]): void {
  // HTTP/1.0 knows no interim responses.
  if (response.headersSent || response.destroyed || response.req.httpVersion === '1.0') return;
  if (status === 102) response.writeProcessing();
  if (status !== 103 || firstValue(fields, 'link') === undefined) return;
  const hints: Record<string, string | string[]> = {};
  for (let at = 0; at < fields.length; at += 2) {
    const name = (fields[at] ?? '').toLowerCase();
    const value = fields[at + 1] ?? '';
    const before = hints[name];
    hints[name] = before === undefined ? value : [...(Array.isArray(before) ? before : [before]), value];
  }
  response.writeEarlyHints(hints);
}
