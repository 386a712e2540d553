import type {
  FragmentLoaderConstructor,
  FragmentLoaderContext,
  HlsConfig,
  Loader,
  LoaderCallbacks,
  LoaderConfiguration,
  LoaderStats,
  NullableNetworkDetails,
} from 'hls.js';
import { type Allocate, type Clock, newMemory, type Timers } from '../components.js';
import type { EdgeWatch } from '../failover/edge-watch.js';
import type { EdgeFailure, EdgeSource } from '../transfer/edge-source.js';
import type { Acquired, AcquireEvents, Progress } from '../transfer/segment.js';
import { cacheStatusOf, edgeByLoader } from './edge-loader.js';
import { type LinkFigures, LoadTiming } from './load-timing.js';

export interface LoaderComponents {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly segments: SegmentService;
  readonly allocate?: Allocate;
}

/** Where fragments come from when others may have them. */
export interface SegmentService {
  /** hls.js wants a fragment. False: it is to load this one as it would without Eddy. */
  wanted(): boolean;
  /** Begins to get a fragment. Undefined: as if it had not been wanted. */
  acquire(request: AcquireRequest, events: AcquireEvents): Acquisition | undefined;
  /** hls.js loaded `bytes` of media by itself. */
  loadedPlainly(bytes: number): void;
  /** The edge sent `bytes`, of which it said this in `Cache-Status`. */
  answered?(cacheStatus: string | null, bytes: number): void;
  /** The address to ask the edge with, so that it knows whose request it is. Default: as it is. */
  addressed?(url: string): string;
  readonly link: LinkFigures;
  /** Looks whether the edge answers at all. */
  readonly watch?: EdgeWatch | undefined;
}

export interface AcquireRequest {
  readonly context: FragmentLoaderContext;
  readonly edge: EdgeSource;
  /** The edge must be asked by then (clock time in milliseconds), however full the buffer is. */
  readonly latest: number;
}

export interface Acquisition {
  readonly progress: Progress;
  cancel(): void;
}

/** How often statistics are brought up to date; hls.js looks every 100 ms. */
const UPDATE_MS = 50;

/**
 * A fragment loader that asks `segments` first and `Wrapped` otherwise. `Wrapped` is what `hls.config.fLoader` was
 * (CMCD's wrapper, say) or the player's own loader.
 */
export function fragmentLoader(
  Wrapped: FragmentLoaderConstructor,
  components: LoaderComponents,
): FragmentLoaderConstructor {
  return class extends EddyFragmentLoader {
    constructor(hlsConfig: HlsConfig) {
      super(Wrapped, hlsConfig, components);
    }
  };
}

/** `plain`: the wrapped loader does it all. `over`: it has called back for the last time. */
type LoadState = 'idle' | 'plain' | 'acquiring' | 'over';

class EddyFragmentLoader implements Loader<FragmentLoaderContext> {
  /** hls.js takes this object before `load()` and keeps it: it is one and the same for life. */
  readonly stats: LoaderStats;
  context: FragmentLoaderContext | null = null;
  readonly #Wrapped: FragmentLoaderConstructor;
  readonly #hlsConfig: HlsConfig;
  readonly #components: LoaderComponents;
  #plain: Loader<FragmentLoaderContext>;
  #state: LoadState = 'idle';
  #callbacks: LoaderCallbacks<FragmentLoaderContext> | undefined;
  #acquisition: Acquisition | undefined;
  #timing: LoadTiming | undefined;
  #networkDetails: NullableNetworkDetails = null;
  #cancelTimers: (() => void)[] = [];
  #unwatch: ((answered: boolean) => void) | undefined;

  constructor(Wrapped: FragmentLoaderConstructor, hlsConfig: HlsConfig, components: LoaderComponents) {
    this.#Wrapped = Wrapped;
    this.#hlsConfig = hlsConfig;
    this.#components = components;
    this.#plain = new Wrapped(hlsConfig);
    this.stats = this.#plain.stats;
  }

  load(
    context: FragmentLoaderContext,
    config: LoaderConfiguration,
    callbacks: LoaderCallbacks<FragmentLoaderContext>,
  ): void {
    this.context = context;
    this.#callbacks = callbacks;
    this.#state = 'acquiring';
    try {
      if (this.#components.segments.wanted()) this.#acquisition = this.#acquire(context, config);
    } catch (error) {
      console.warn('Eddy could not take a segment on; it is loaded without', error);
    }
    if (this.#acquisition !== undefined) this.#watch(config);
    else if (this.#state === 'acquiring') this.#loadPlainly(context, config, callbacks);
  }

  abort(): void {
    if (this.#state === 'plain') {
      this.#unwatch?.(false);
      this.#plain.abort();
      return;
    }
    if (this.#state !== 'acquiring') return;
    this.stats.aborted = true;
    const { context } = this;
    const callbacks = this.#stop();
    if (context !== null) callbacks?.onAbort?.(this.stats, context, this.#networkDetails);
  }

  /** Follows success at once: what is shared then does not depend on this loader any more. */
  destroy(): void {
    this.#stop();
    this.#plain.destroy();
    this.context = null;
  }

  getCacheAge(): number | null {
    return this.#plain.getCacheAge?.() ?? null;
  }

  getResponseHeader(name: string): string | null {
    return this.#plain.getResponseHeader?.(name) ?? null;
  }

  #acquire(context: FragmentLoaderContext, loaderConfig: LoaderConfiguration): Acquisition | undefined {
    const { clock, segments } = this.#components;
    const asked = { ...context, url: this.#addressed(context.url) };
    const request = { Wrapped: this.#Wrapped, hlsConfig: this.#hlsConfig, context: asked, loaderConfig };
    const edge = edgeByLoader(clock, request, {
      onAnswer: (networkDetails, bytes) => {
        this.#networkDetails = networkDetails;
        segments.answered?.(cacheStatusOf(networkDetails), bytes);
      },
      get watch() {
        return segments.watch;
      },
    });
    const { maxTimeToFirstByteMs, maxLoadTimeMs } = loaderConfig.loadPolicy;
    const latest = clock.now() + Math.min(maxTimeToFirstByteMs || maxLoadTimeMs, maxLoadTimeMs / 2);
    return segments.acquire(
      { context, edge, latest },
      { onDone: (acquired) => this.#succeed(acquired), onFailed: (failure) => this.#fail(failure) },
    );
  }

  #watch({ loadPolicy }: LoaderConfiguration): void {
    if (this.#state !== 'acquiring') return;
    const { clock, timers, segments } = this.#components;
    const timing = new LoadTiming(this.stats, clock, () => segments.link);
    this.#timing = timing;
    const update = (): void => {
      if (this.#acquisition !== undefined) timing.update(this.#acquisition.progress);
      this.#cancelTimers[0] = timers.after(UPDATE_MS, update);
    };
    update();
    this.#cancelTimers[1] = timers.after(loadPolicy.maxLoadTimeMs, () => this.#fail({ kind: 'timeout' }));
  }

  #loadPlainly(
    context: FragmentLoaderContext,
    config: LoaderConfiguration,
    callbacks: LoaderCallbacks<FragmentLoaderContext>,
  ): void {
    this.#state = 'plain';
    const { segments } = this.#components;
    const now = (asked: string): string => segments.watch?.readdressed(asked) ?? asked;
    const url = now(this.#addressed(context.url));
    const plain = this.#plain;
    // hls.js takes a failure for one of the pathway that it is at by now, and leaves that.
    const again = (): boolean => {
      this.#unwatch?.(false);
      if (now(url) === url) return false;
      plain.destroy();
      this.#plain = new this.#Wrapped(this.#hlsConfig);
      this.#loadPlainly(context, config, callbacks);
      return true;
    };
    this.#unwatch = segments.watch?.begin({
      loaded: () => plain.stats.loaded,
      giveUp: () => {
        plain.destroy();
        if (!again()) callbacks.onTimeout(this.stats, context, null);
      },
    });
    plain.load(Object.assign(context, { url }), config, {
      ...callbacks,
      onSuccess: (response, stats, answered, networkDetails) => {
        this.#unwatch?.(true);
        // Those of another loader, if it had to be asked again.
        Object.assign(this.stats, stats);
        segments.loadedPlainly(stats.loaded);
        segments.answered?.(cacheStatusOf(networkDetails), stats.loaded);
        callbacks.onSuccess(response, this.stats, answered, networkDetails);
      },
      onError: (...failure) => again() || callbacks.onError(...failure),
      onTimeout: (...failure) => again() || callbacks.onTimeout(...failure),
    });
  }

  /** A page with CMCD of its own says whose request it is by itself. */
  #addressed(url: string): string {
    const { segments } = this.#components;
    return this.#hlsConfig.cmcd === undefined ? (segments.addressed?.(url) ?? url) : url;
  }

  #succeed(acquired: Acquired): void {
    const { context } = this;
    const callbacks = this.#stop();
    if (context === null || callbacks === undefined) return;
    const { clock, segments, allocate = newMemory } = this.#components;
    (this.#timing ?? new LoadTiming(this.stats, clock, () => segments.link)).finish(acquired);
    // The transmuxer's worker takes the buffer away, and others are still to be served from these bytes.
    const copy = allocate(acquired.bytes.length);
    copy.set(acquired.bytes);
    const data = copy.buffer;
    callbacks.onProgress?.(this.stats, context, data, this.#networkDetails);
    callbacks.onSuccess({ url: context.url, data, code: 200 }, this.stats, context, this.#networkDetails);
  }

  #fail(failure: EdgeFailure): void {
    const { context } = this;
    const callbacks = this.#stop();
    if (context === null || callbacks === undefined) return;
    if (failure.kind === 'timeout') callbacks.onTimeout(this.stats, context, this.#networkDetails);
    else
      callbacks.onError(
        { code: failure.code, text: failure.text },
        context,
        this.#networkDetails,
        this.stats,
      );
  }

  /** Ends whatever runs. The callbacks are given out once. */
  #stop(): LoaderCallbacks<FragmentLoaderContext> | undefined {
    const callbacks = this.#state === 'acquiring' ? this.#callbacks : undefined;
    this.#state = 'over';
    this.#callbacks = undefined;
    this.#unwatch?.(false);
    for (const cancel of this.#cancelTimers) cancel();
    this.#cancelTimers = [];
    this.#acquisition?.cancel();
    this.#acquisition = undefined;
    return callbacks;
  }
}
