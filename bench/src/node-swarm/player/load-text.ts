import type { FragmentLoaderConstructor, Loader, LoaderContext, LoaderContextType } from 'hls.js';
import Hls from 'hls.js';

/** What came, and when: clock times in milliseconds. */
export interface LoadedText {
  readonly body: string;
  readonly startedAt: number;
  readonly firstAt: number;
}

/** Loads a playlist as hls.js does, once. Throws with the status where it fails. */
export function loadText(
  Loader: FragmentLoaderConstructor,
  type: LoaderContextType,
  url: string,
): Promise<LoadedText> {
  // The same cast as hls.js's own: its general loader serves both.
  const loader = new Loader({ ...Hls.DefaultConfig }) as unknown as Loader<LoaderContext>;
  const loadPolicy = {
    ...Hls.DefaultConfig.playlistLoadPolicy.default,
    timeoutRetry: null,
    errorRetry: null,
  };
  const legacy = { timeout: loadPolicy.maxLoadTimeMs, maxRetry: 0, retryDelay: 0, maxRetryDelay: 0 };
  return new Promise((resolve, reject) => {
    loader.load(
      { type, url, responseType: 'text' },
      { loadPolicy, ...legacy },
      {
        onSuccess: ({ data }, { loading }) => {
          resolve({ body: String(data), startedAt: loading.start, firstAt: loading.first });
          loader.destroy();
        },
        onError: ({ code, text }) => reject(new Error(`${url}: ${code} ${text}`)),
        onTimeout: () => reject(new Error(`${url}: timed out`)),
      },
    );
  });
}
