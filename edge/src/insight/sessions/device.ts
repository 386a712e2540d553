export const DEVICES = ['desktop', 'mobile', 'tablet', 'tv', 'other'] as const;
export type Device = (typeof DEVICES)[number];

/** Kind of device by its `User-Agent`: coarse, since browsers say little. */
export function deviceOf(userAgent: string | undefined): Device {
  if (userAgent === undefined || userAgent === '') return 'other';
  if (/\b(smart-?tv|tv|web0s|webos|tizen|aftb|bravia|roku|crkey|playstation|xbox)/i.test(userAgent))
    return 'tv';
  if (/ipad|tablet|(android(?!.*mobile))/i.test(userAgent)) return 'tablet';
  if (/mobile|iphone|ipod|android/i.test(userAgent)) return 'mobile';
  return /windows|macintosh|linux|cros|x11/i.test(userAgent) ? 'desktop' : 'other';
}
