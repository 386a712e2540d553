import { createHash } from 'node:crypto';
import { fieldValue, tokensOf } from '../cache/fields.js';
import type { SliceLayout } from '../cache/stored-response.js';
import type { Taking } from './order.js';

/**
 * How a large object is held in parts, where its origin gives parts and each version has a name of its own. A weak
 * validator does not tell versions apart byte by byte (RFC 9110 section 8.8.1).
 */
export function sliceLayoutFor({ order, response }: Taking): SliceLayout | undefined {
  const { sliceBytes, isStore } = order.source;
  const { etag } = response.headers;
  if (sliceBytes === 0 || response.status !== 200 || etag === undefined || etag.startsWith('W/'))
    return undefined;
  if (response.headers['content-encoding'] !== undefined) return undefined;
  if (fieldValue(response.fields, 'vary') !== undefined) return undefined;
  const givesParts = isStore || tokensOf(response.headers['accept-ranges']).includes('bytes');
  if (!givesParts) return undefined;
  const total = response.headers['content-length'] ?? '';
  return {
    sliceBytes,
    version: createHash('sha256').update(`${etag}\n${total}`).digest('base64url').slice(0, 22),
  };
}

/** Where part `index` is kept. */
export function sliceKey(key: string, { version }: SliceLayout, index: number): string {
  return `${key}\n#${version}/${index}`;
}
