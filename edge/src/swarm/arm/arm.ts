import { createHash } from 'node:crypto';
import type { Arm } from '@eddy/protocol';

/**
 * Which arm of the experiment a viewer is in on a site. The same viewer key gets the same arm on every edge and
 * after every reload; raising the percentage only moves viewers into the holdout, lowering it only out of it.
 *
 * @param holdoutPercent 0 to 100
 */
export function armOf(viewer: string, site: string, holdoutPercent: number): Arm {
  const hash = createHash('sha256').update(`${site}\n${viewer}`).digest();
  return (hash.readUIntBE(0, 6) / 2 ** 48) * 100 < holdoutPercent ? 'holdout' : 'treated';
}
