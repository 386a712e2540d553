import type Hls from 'hls.js';
import type { Page } from 'playwright-core';

/** One media segment as the player's loader handed it over, whoever it came from. */
export interface LoadedFragment {
  readonly sequence: number;
  readonly sha256: string;
}

declare global {
  interface Window {
    loadedFragments: { readonly sequence: number; readonly sha256: Promise<ArrayBuffer> }[];
  }
}

/** From now on the demo page remembers what its player loads. */
export async function recordFragments(page: Page): Promise<void> {
  await page.evaluate(() => {
    window.loadedFragments = [];
    const hls = window.eddyDemo?.hls;
    if (hls === undefined) throw new Error('the page has no player');
    const { Events } = hls.constructor as typeof Hls;
    hls.on(Events.FRAG_LOADED, (_, { frag, payload }) => {
      if (typeof frag.sn !== 'number') return;
      // The transmuxer takes the buffer away.
      const sha256 = crypto.subtle.digest('SHA-256', payload.slice(0));
      window.loadedFragments.push({ sequence: frag.sn, sha256 });
    });
  });
}

/** In the order in which they were loaded. */
export async function fragmentsLoaded(page: Page): Promise<LoadedFragment[]> {
  return await page.evaluate(() =>
    Promise.all(
      window.loadedFragments.map(async ({ sequence, sha256 }) => ({
        sequence,
        sha256: Array.from(new Uint8Array(await sha256), (byte) => byte.toString(16).padStart(2, '0')).join(
          '',
        ),
      })),
    ),
  );
}
