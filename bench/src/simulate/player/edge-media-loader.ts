import type {
  FragmentLoaderConstructor,
  FragmentLoaderContext,
  Loader,
  LoaderCallbacks,
  LoaderConfiguration,
  LoaderStats,
} from 'hls.js';
import type { MediaRequest, MediaRequestEvents } from '../edge/media-request.js';
import { zeros } from '../edge/zeros.js';

/** Asks the edge for bytes of a fragment. */
export type AskEdge = (
  context: FragmentLoaderContext,
  bytes: { readonly start: number; readonly end: number } | undefined,
  events: MediaRequestEvents,
) => { readonly request: MediaRequest; readonly bytes: number; readonly end: () => void };

/** The clock that statistics are kept by. */
type Now = () => number;

/** The loader that hls.js would have of its own, for a viewer of the simulation. */
export function edgeMediaLoader(now: Now, ask: AskEdge): FragmentLoaderConstructor {
  return class implements Loader<FragmentLoaderContext> {
    readonly stats: LoaderStats = freshStats();
    context: FragmentLoaderContext | null = null;
    #running: ReturnType<AskEdge> | undefined;

    load(
      context: FragmentLoaderContext,
      _config: LoaderConfiguration,
      callbacks: LoaderCallbacks<FragmentLoaderContext>,
    ): void {
      const { stats } = this;
      this.context = context;
      stats.loading.start = now();
      const { rangeStart = 0, rangeEnd = 0 } = context;
      const range = rangeEnd > rangeStart ? { start: rangeStart, end: rangeEnd } : undefined;
      const running = ask(context, range, {
        onBytes: (bytes) => {
          stats.loading.first ||= now();
          stats.loaded += bytes;
          stats.total = running.bytes;
        },
        onDone: () => {
          stats.loading.end = now();
          this.#running = undefined;
          running.end();
          callbacks.onSuccess(
            { url: context.url, data: zeros(running.bytes).buffer, code: 200 },
            stats,
            context,
            null,
          );
        },
      });
      this.#running = running;
    }

    abort(): void {
      this.#running?.request.cancel();
      this.#running?.end();
      this.#running = undefined;
    }

    destroy(): void {
      this.abort();
      this.context = null;
    }
  };
}

function freshStats(): LoaderStats {
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
