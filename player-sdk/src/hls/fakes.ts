import type {
  Fragment,
  FragmentLoaderContext,
  HlsConfig,
  Loader,
  LoaderCallbacks,
  LoaderConfiguration,
  LoaderStats,
} from 'hls.js';

/** What hls.js gives a loader and expects of it, without hls.js. */

export function freshStats(): LoaderStats {
  return {
    aborted: false,
    loaded: 0,
    retry: 0,
    total: 0,
    chunkCount: 0,
    bwEstimate: 0,
    loading: { start: 0, first: 0, end: 0 },
    parsing: { start: 0, end: 0 },
    buffering: { start: 0, first: 0, end: 0 },
  };
}

/** The loader that is wrapped: it keeps what it was asked, and answers when the test says so. */
export class RecordingLoader implements Loader<FragmentLoaderContext> {
  static made: RecordingLoader[] = [];
  readonly stats: LoaderStats = freshStats();
  context: FragmentLoaderContext | null = null;
  /** What was asked for; the context may be used again for something else. */
  url: string | undefined;
  config: LoaderConfiguration | undefined;
  callbacks: LoaderCallbacks<FragmentLoaderContext> | undefined;
  aborted = 0;
  destroyed = 0;

  constructor(_config: HlsConfig) {
    RecordingLoader.made.push(this);
  }

  static get loading(): RecordingLoader[] {
    return RecordingLoader.made.filter(({ callbacks }) => callbacks !== undefined);
  }

  load(
    context: FragmentLoaderContext,
    config: LoaderConfiguration,
    callbacks: LoaderCallbacks<FragmentLoaderContext>,
  ): void {
    this.context = context;
    this.url = context.url;
    this.config = config;
    this.callbacks = callbacks;
  }

  abort(): void {
    this.aborted++;
    if (this.context !== null) this.callbacks?.onAbort?.(this.stats, this.context, null);
  }

  destroy(): void {
    this.destroyed++;
  }

  succeed(data: ArrayBuffer, { start, first, end }: { start: number; first: number; end: number }): void {
    this.stats.loaded = data.byteLength;
    this.stats.total = data.byteLength;
    Object.assign(this.stats.loading, { start, first, end });
    if (this.context === null) return;
    this.callbacks?.onSuccess({ url: this.context.url, data, code: 200 }, this.stats, this.context, null);
  }

  fail(code: number): void {
    if (this.context !== null)
      this.callbacks?.onError({ code, text: 'failed' }, this.context, null, this.stats);
  }
}

export function fragmentContext(changes: Partial<Fragment> = {}): FragmentLoaderContext {
  const frag = {
    url: 'https://cdn.example/film/v/7.m4s?token=1',
    baseurl: 'https://cdn.example/film/v/index.m3u8?token=1',
    byteRange: [],
    sn: 7,
    type: 'main',
    level: 0,
    start: 14,
    duration: 2,
    bitrateTest: false,
    ...changes,
  };
  // A whole Fragment cannot be made without hls.js.
  const context = { type: 'media-fragment', frag, part: null, responseType: 'arraybuffer', url: frag.url };
  return { ...context, headers: {}, rangeStart: 0, rangeEnd: 0 } as unknown as FragmentLoaderContext;
}

export const HLS_CONFIG = {} as unknown as HlsConfig;

export function loaderConfig(changes: Partial<LoaderConfiguration['loadPolicy']> = {}): LoaderConfiguration {
  const loadPolicy = {
    maxTimeToFirstByteMs: 10_000,
    maxLoadTimeMs: 20_000,
    timeoutRetry: null,
    errorRetry: null,
    ...changes,
  };
  return {
    loadPolicy,
    timeout: 20_000,
    maxRetry: 0,
    retryDelay: 0,
    maxRetryDelay: 0,
    highWaterMark: 131_072,
  };
}
