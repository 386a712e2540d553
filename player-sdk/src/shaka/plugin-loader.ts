import type {
  FragmentLoaderContext,
  Loader,
  LoaderCallbacks,
  LoaderConfiguration,
  LoaderStats,
  NullableNetworkDetails,
} from 'hls.js';
import type {
  ShakaError,
  ShakaLibrary,
  ShakaOperation,
  ShakaRequest,
  ShakaSchemePlugin,
} from './shaka-api.js';

/** One request as Shaka's networking engine hands it to a scheme plugin. */
export interface ShakaCall {
  readonly shaka: ShakaLibrary;
  /** The plugin that Shaka would have used. */
  readonly next: ShakaSchemePlugin;
  readonly uri: string;
  readonly request: ShakaRequest;
  readonly type: number;
  readonly config: Parameters<ShakaSchemePlugin>[5];
  /** Told of what comes for a request of the whole segment, as it comes. */
  readonly onWholeProgress: Parameters<ShakaSchemePlugin>[3];
}

/** What the SDK's fragment loader passes on unread to the loader of the player. */
export interface ShakaLoadContext extends FragmentLoaderContext {
  readonly shakaCall: ShakaCall;
}

/** A loader of hls.js's kind that asks by Shaka's own plugin, so that headers, credentials and filters stay. */
export class PluginLoader implements Loader<FragmentLoaderContext> {
  context: FragmentLoaderContext | null = null;
  readonly stats: LoaderStats = {
    ...{ aborted: false, loaded: 0, retry: 0, total: 0, chunkCount: 0, bwEstimate: 0 },
    loading: { start: 0, first: 0, end: 0 },
    parsing: { start: 0, end: 0 },
    buffering: { start: 0, first: 0, end: 0 },
  };
  #operation: ShakaOperation | undefined;

  load(
    context: FragmentLoaderContext,
    _config: LoaderConfiguration,
    callbacks: LoaderCallbacks<FragmentLoaderContext>,
  ): void {
    this.context = context;
    const { shakaCall } = context as ShakaLoadContext;
    const { shaka, next, uri, type, config, onWholeProgress } = shakaCall;
    const { loading } = this.stats;
    const { request, whole } = ranged(shakaCall.request, context);
    loading.start = performance.now();
    const operation = next(
      uri,
      request,
      type,
      (milliseconds, bytes, remaining) => {
        this.stats.loaded += bytes;
        this.stats.total = this.stats.loaded + remaining;
        if (whole && !this.stats.aborted) onWholeProgress(milliseconds, bytes, remaining);
      },
      () => {
        loading.first = performance.now();
      },
      config,
    );
    this.#operation = operation;
    operation.promise.then(
      (response) => {
        if (this.stats.aborted) return;
        loading.end = performance.now();
        if (loading.first === 0) loading.first = loading.end;
        const data = bufferOf(response.data);
        this.stats.loaded = data.byteLength;
        this.stats.total = data.byteLength;
        const { uri: url, status = 200 } = response;
        callbacks.onSuccess({ url, data, code: status }, this.stats, context, asDetails(response));
      },
      (error: ShakaError) => {
        if (this.stats.aborted) return;
        const { BAD_HTTP_STATUS, TIMEOUT } = shaka.util.Error.Code;
        if (error.code === TIMEOUT) {
          callbacks.onTimeout(this.stats, context, asDetails(error));
          return;
        }
        const status = error.code === BAD_HTTP_STATUS ? Number(error.data[1]) : 0;
        const text = `Shaka error ${error.code}`;
        callbacks.onError({ code: status, text }, context, asDetails(error), this.stats);
      },
    );
  }

  abort(): void {
    this.destroy();
  }

  destroy(): void {
    this.stats.aborted = true;
    const operation = this.#operation;
    this.#operation = undefined;
    // What it leaves behind (a plugin that fails to stop) is nobody's affair any more.
    operation?.abort().catch(() => {});
  }
}

/** The request for the bytes that `context` asks for, and whether that is all that Shaka asked for. */
function ranged(
  request: ShakaRequest,
  { rangeStart, rangeEnd, frag }: FragmentLoaderContext,
): { readonly request: ShakaRequest; readonly whole: boolean } {
  const [from, to] = frag.byteRange;
  // What is shared is whole and verified before Shaka sees it. Shaka takes it so: not every plugin streams.
  const own = { ...request, headers: { ...request.headers }, streamDataCallback: null };
  const whole = rangeStart === undefined || (rangeStart === from && rangeEnd === to);
  if (!whole && rangeEnd !== undefined) own.headers.Range = `bytes=${rangeStart}-${rangeEnd - 1}`;
  return { request: own, whole };
}

function bufferOf(data: ArrayBuffer | ArrayBufferView): ArrayBuffer {
  if (data instanceof ArrayBuffer) return data;
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice().buffer;
}

/** Shaka's response or error goes where hls.js hands on what its own loaders asked with: the SDK passes it unread. */
function asDetails(details: object): NullableNetworkDetails {
  return details as unknown as NullableNetworkDetails;
}
