import { type Agent, type ClientRequest, get, type IncomingMessage } from 'node:http';
import {
  type Loader,
  type LoaderCallbacks,
  type LoaderConfiguration,
  type LoaderContext,
  type LoaderStats,
  LoadStats,
} from 'hls.js';

export interface HttpLoaderComponents {
  /** Keeps a viewer's connections. */
  readonly agent: Agent;
  /** Told of every body byte that came, wanted or not. */
  readonly onBytes: (url: string, bytes: number) => void;
}

type HttpLoaderConstructor = new () => Loader<LoaderContext>;

/** The part of hls.js's XHR loader, over Node's HTTP: what it does with its callbacks and statistics is the same. */
export function httpLoader(components: HttpLoaderComponents): HttpLoaderConstructor {
  return class extends HttpLoader {
    constructor() {
      super(components);
    }
  };
}

class HttpLoader implements Loader<LoaderContext> {
  readonly stats: LoaderStats = new LoadStats();
  context: LoaderContext | null = null;
  readonly #components: HttpLoaderComponents;
  #callbacks: LoaderCallbacks<LoaderContext> | undefined;
  #request: ClientRequest | undefined;
  #response: IncomingMessage | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(components: HttpLoaderComponents) {
    this.#components = components;
  }

  load(
    context: LoaderContext,
    { loadPolicy }: LoaderConfiguration,
    callbacks: LoaderCallbacks<LoaderContext>,
  ): void {
    this.context = context;
    this.#callbacks = callbacks;
    this.stats.loading.start = performance.now();
    const { rangeStart, rangeEnd } = context;
    const range = rangeEnd ? { range: `bytes=${rangeStart ?? 0}-${rangeEnd - 1}` } : {};
    this.#timer = setTimeout(() => this.#timeOut(), loadPolicy.maxLoadTimeMs);
    this.#request = get(context.url, { agent: this.#components.agent, headers: { ...range } });
    this.#request.once('response', (response) => this.#read(response, context));
    this.#request.once('error', (error) => this.#fail(0, error.message));
  }

  abort(): void {
    if (this.#callbacks === undefined) return;
    const { context } = this;
    this.stats.aborted = true;
    const callbacks = this.#stop();
    if (context !== null) callbacks?.onAbort?.(this.stats, context, null);
  }

  destroy(): void {
    this.#stop();
    this.context = null;
  }

  getCacheAge(): number | null {
    const age = Number(this.getResponseHeader('age') ?? Number.NaN);
    return Number.isFinite(age) ? age : null;
  }

  getResponseHeader(name: string): string | null {
    const value = this.#response?.headers[name.toLowerCase()];
    return typeof value === 'string' ? value : null;
  }

  #read(response: IncomingMessage, context: LoaderContext): void {
    this.#response = response;
    const { stats } = this;
    stats.loading.first = performance.now();
    stats.total = Number(response.headers['content-length'] ?? 0);
    const pieces: Buffer[] = [];
    response.on('data', (piece: Buffer) => {
      stats.loaded += piece.length;
      this.#components.onBytes(context.url, piece.length);
      pieces.push(piece);
    });
    response.once('aborted', () => this.#fail(0, 'the connection was cut'));
    response.once('end', () => {
      const code = response.statusCode ?? 0;
      if (code < 200 || code >= 300) this.#fail(code, response.statusMessage ?? '');
      else this.#succeed(code, Buffer.concat(pieces), context);
    });
  }

  #succeed(code: number, body: Buffer, context: LoaderContext): void {
    const callbacks = this.#stop();
    if (callbacks === undefined) return;
    this.stats.loading.end = performance.now();
    this.stats.loaded = this.stats.total = body.length;
    const data = context.responseType === 'arraybuffer' ? new Uint8Array(body).buffer : body.toString('utf8');
    callbacks.onSuccess({ url: context.url, data, code }, this.stats, context, null);
  }

  #fail(code: number, text: string): void {
    const { context } = this;
    const callbacks = this.#stop();
    if (context !== null) callbacks?.onError({ code, text }, context, null, this.stats);
  }

  #timeOut(): void {
    const { context } = this;
    const callbacks = this.#stop();
    if (context !== null) callbacks?.onTimeout(this.stats, context, null);
  }

  /** Callbacks are given out once; a request that still runs is cut. */
  #stop(): LoaderCallbacks<LoaderContext> | undefined {
    clearTimeout(this.#timer);
    const callbacks = this.#callbacks;
    this.#callbacks = undefined;
    if (this.#response?.complete !== true) this.#request?.destroy();
    return callbacks;
  }
}
