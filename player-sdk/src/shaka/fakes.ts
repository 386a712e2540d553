import type {
  ShakaLibrary,
  ShakaOperation,
  ShakaPlayer,
  ShakaRequest,
  ShakaRequestContext,
  ShakaRequestFilter,
  ShakaResponse,
  ShakaResponseFilter,
  ShakaSchemePlugin,
} from './shaka-api.js';

/** As much of Shaka as the integration sees, without Shaka. */

class FakeError {
  readonly severity: number;
  readonly category: number;
  readonly code: number;
  readonly data: readonly unknown[];

  constructor(severity: number, category: number, code: number, ...data: unknown[]) {
    this.severity = severity;
    this.category = category;
    this.code = code;
    this.data = data;
  }

  static readonly Severity = { RECOVERABLE: 1 };
  static readonly Category = { NETWORK: 1 };
  static readonly Code = { OPERATION_ABORTED: 7001, TIMEOUT: 1003, HTTP_ERROR: 1002, BAD_HTTP_STATUS: 1001 };
}

class FakeOperation implements ShakaOperation {
  readonly promise: Promise<ShakaResponse>;
  readonly abort: () => Promise<void>;

  constructor(promise: Promise<ShakaResponse>, onAbort: () => Promise<void>) {
    this.promise = promise;
    this.abort = onAbort;
  }
}

/** One request that reached the plugin which Eddy stands in front of. */
export interface PluginRequest {
  readonly uri: string;
  readonly request: ShakaRequest;
  readonly answer: (bytes: Uint8Array<ArrayBuffer>, status?: number) => void;
  readonly fail: (code: number, ...data: unknown[]) => void;
  aborted: boolean;
}

export class FakeShaka {
  readonly schemes: Map<string, ShakaSchemePlugin> = new Map();
  readonly asked: PluginRequest[] = [];
  readonly namespace: ShakaLibrary;

  constructor() {
    const parse: ShakaSchemePlugin = (uri, request) => this.#ask(uri, request);
    this.namespace = {
      net: {
        NetworkingEngine: {
          registerScheme: (scheme, plugin) => this.schemes.set(scheme, plugin),
          PluginPriority: { APPLICATION: 3 },
          RequestType: { SEGMENT: 1 },
          AdvancedRequestType: { MEDIA_SEGMENT: 1, MEDIA_PLAYLIST: 2, MASTER_PLAYLIST: 3 },
        },
        HttpFetchPlugin: { parse, isSupported: () => true },
        HttpXHRPlugin: { parse },
      },
      util: { AbortableOperation: FakeOperation, Error: FakeError },
    };
  }

  #ask(uri: string, request: ShakaRequest): ShakaOperation {
    const { promise, resolve, reject } = deferred();
    const asked: PluginRequest = {
      ...{ uri, request, aborted: false },
      answer: (data, status = 206) =>
        resolve({
          ...{ uri, originalUri: uri, data: data.buffer, status, headers: { 'x-from': 'edge' } },
          originalRequest: request,
        }),
      fail: (code, ...data) => reject(new FakeError(1, 1, code, ...data)),
    };
    this.asked.push(asked);
    return new FakeOperation(promise, async () => {
      asked.aborted = true;
    });
  }
}

function deferred(): {
  readonly promise: Promise<ShakaResponse>;
  readonly resolve: (response: ShakaResponse) => void;
  readonly reject: (error: object) => void;
} {
  let resolve = (_response: ShakaResponse): void => {};
  let reject = (_error: object): void => {};
  const promise = new Promise<ShakaResponse>((...both) => {
    [resolve, reject] = both;
  });
  return { promise, resolve, reject };
}

export function shakaRequest(uri: string): ShakaRequest {
  return {
    ...{ uris: [uri], method: 'GET', headers: {}, retryParameters: { timeout: 30_000 } },
    streamDataCallback: null,
  };
}

/** A player whose filters a test runs. */
export class FakeShakaPlayer extends EventTarget implements ShakaPlayer {
  readonly requestFilters: Set<ShakaRequestFilter> = new Set();
  readonly responseFilters: Set<ShakaResponseFilter> = new Set();
  assetUri: string | null = null;
  destroyed = 0;

  getNetworkingEngine(): ReturnType<ShakaPlayer['getNetworkingEngine']> {
    return {
      registerRequestFilter: (filter) => this.requestFilters.add(filter),
      unregisterRequestFilter: (filter) => this.requestFilters.delete(filter),
      registerResponseFilter: (filter) => this.responseFilters.add(filter),
      unregisterResponseFilter: (filter) => this.responseFilters.delete(filter),
    };
  }

  getAssetUri(): string | null {
    return this.assetUri;
  }

  getMediaElement(): null {
    return null;
  }

  isLive(): boolean {
    return false;
  }

  getStats(): { readonly estimatedBandwidth: number } {
    return { estimatedBandwidth: Number.NaN };
  }

  getBufferedInfo(): ReturnType<ShakaPlayer['getBufferedInfo']> {
    return { video: [], audio: [] };
  }

  async destroy(): Promise<void> {
    this.destroyed++;
  }

  /** Runs the filters as Shaka does before it asks. */
  filter(type: number, request: ShakaRequest, context: ShakaRequestContext): void {
    for (const filter of this.requestFilters) filter(type, request, context);
  }

  /** A media playlist has come. */
  playlist(text: string, uri: string, type = 2): void {
    const data = new TextEncoder().encode(text);
    const response = { uri, originalUri: uri, data, headers: {}, originalRequest: shakaRequest(uri) };
    for (const filter of this.responseFilters) filter(0, response, { type });
  }
}
