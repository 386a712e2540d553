import type {
  FragmentLoaderConstructor,
  FragmentLoaderContext,
  HlsConfig,
  LoaderConfiguration,
  NullableNetworkDetails,
} from 'hls.js';
import type { Clock } from '../components.js';
import type { EdgeWatch } from '../failover/edge-watch.js';
import type { ByteRange, EdgeEvents, EdgeRequest, EdgeSource, EdgeTiming } from '../transfer/edge-source.js';

/** What one fragment was asked for with. */
export interface FragmentRequest {
  readonly Wrapped: FragmentLoaderConstructor;
  readonly hlsConfig: HlsConfig;
  readonly context: FragmentLoaderContext;
  readonly loaderConfig: LoaderConfiguration;
}

export interface FragmentObservers {
  /** Told what each request says about its connection when it is done, and how many bytes of use it brought. */
  onAnswer(networkDetails: NullableNetworkDetails, bytes: number): void;
  readonly watch?: EdgeWatch | undefined;
}

/** What the edge says of how it came by a body; null: nothing, or the page may not read it. */
export function cacheStatusOf(networkDetails: NullableNetworkDetails): string | null {
  if (networkDetails === null || networkDetails === undefined) return null;
  try {
    return 'getResponseHeader' in networkDetails
      ? networkDetails.getResponseHeader('Cache-Status')
      : networkDetails.headers.get('Cache-Status');
  } catch {
    return null;
  }
}

/**
 * Asks the edge with the loader that hls.js would have used, one instance a request, so that headers, credentials,
 * CMCD and time-outs are those of the page.
 */
export function edgeByLoader(
  clock: Clock,
  request: FragmentRequest,
  observers: FragmentObservers,
): EdgeSource {
  return { ask: (range, events) => ask(clock, request, range, events, observers) };
}

function ask(
  clock: Clock,
  request: FragmentRequest,
  range: ByteRange | undefined,
  events: EdgeEvents,
  observers: FragmentObservers,
): EdgeRequest {
  const { watch } = observers;
  const now = (url: string): string => watch?.readdressed(url) ?? url;
  const begin = (url: string): EdgeRequest =>
    askAt(clock, { ...request, context: { ...request.context, url } }, range, observers, {
      onDone: events.onDone,
      onFailed: (failure) => {
        // hls.js takes a failure for one of the pathway that it is at by now, and leaves that.
        if (now(url) === url) events.onFailed(failure);
        else asked = begin(now(url));
      },
    });
  let asked = begin(now(request.context.url));
  return {
    get timing() {
      return asked.timing;
    },
    cancel: () => asked.cancel(),
  };
}

function askAt(
  clock: Clock,
  { Wrapped, hlsConfig, context, loaderConfig }: FragmentRequest,
  range: ByteRange | undefined,
  { onAnswer, watch }: FragmentObservers,
  events: EdgeEvents,
): EdgeRequest {
  const loader = new Wrapped(hlsConfig);
  // Loaders let go of their statistics when they are destroyed.
  const { stats } = loader;
  let ended = false;
  const unwatch = watch?.begin({
    loaded: () => stats.loaded,
    giveUp: () => {
      if (!end(null)) return;
      loader.destroy();
      events.onFailed({ kind: 'timeout' });
    },
  });
  const end = (networkDetails: NullableNetworkDetails, bytes = 0): boolean => {
    if (ended) return false;
    ended = true;
    unwatch?.(bytes > 0);
    onAnswer(networkDetails, bytes);
    return true;
  };
  const startedAt = clock.now();
  const base = context.rangeStart ?? 0;
  const part = range === undefined ? {} : { rangeStart: base + range.start, rangeEnd: base + range.end };
  loader.load(
    // CMCD writes into what it is given.
    { ...context, headers: { ...context.headers }, ...part },
    // Without `onProgress` the fetch loader gives the whole body at once.
    { ...loaderConfig, highWaterMark: Number.POSITIVE_INFINITY },
    {
      onSuccess: ({ data }, _stats, _context, networkDetails) => {
        if (!end(networkDetails, stats.loaded)) return;
        if (data instanceof ArrayBuffer) events.onDone(new Uint8Array(data));
        else events.onFailed({ kind: 'error', code: 0, text: 'the answer is not binary' });
        loader.destroy();
      },
      onError: ({ code, text }, _context, networkDetails) => {
        if (end(networkDetails)) events.onFailed({ kind: 'error', code, text });
      },
      onTimeout: (_stats, _context, networkDetails) => {
        if (end(networkDetails)) events.onFailed({ kind: 'timeout' });
      },
    },
  );
  return {
    get timing(): EdgeTiming {
      const { start, first, end: endedAt } = stats.loading;
      return { startedAt: start || startedAt, firstAt: first, endedAt, loadedBytes: stats.loaded };
    },
    cancel: () => {
      if (ended) return;
      ended = true;
      unwatch?.(false);
      loader.destroy();
    },
  };
}
