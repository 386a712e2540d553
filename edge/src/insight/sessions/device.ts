import { LRUCache } from 'lru-cache';
import { ownText } from '../../own-text.js';

export const DEVICES = ['desktop', 'mobile', 'tablet', 'tv', 'other'] as const;
export type Device = (typeof DEVICES)[number];

/** Longer ones are not remembered. */
const MAX_USER_AGENT = 512;

/** `deviceOf` that remembers: hundreds of beacons a second come from few kinds of browsers. */
export function rememberDevices({ max }: { readonly max: number }): typeof deviceOf {
  const known = new LRUCache<string, Device>({ max });
  return (userAgent) => {
    if (userAgent === undefined || userAgent.length > MAX_USER_AGENT) return deviceOf(userAgent);
    const device = known.get(userAgent);
    if (device !== undefined) return device;
    const found = deviceOf(userAgent);
    known.set(ownText(userAgent), found);
    return found;
  };
}

/** Kind of device by its `User-Agent`: coarse, since browsers say little. */
export function deviceOf(userAgent: string | undefined): Device {
  if (userAgent === undefined || userAgent === '') return 'other';
  if (/\b(smart-?tv|tv|web0s|webos|tizen|aftb|bravia|roku|crkey|playstation|xbox)/i.test(userAgent))
    return 'tv';
  if (/ipad|tablet|(android(?!.*mobile))/i.test(userAgent)) return 'tablet';
  if (/mobile|iphone|ipod|android/i.test(userAgent)) return 'mobile';
  return /windows|macintosh|linux|cros|x11/i.test(userAgent) ? 'desktop' : 'other';
}
