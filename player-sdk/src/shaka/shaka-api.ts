/** As much of Shaka Player 5 as Eddy touches, so that it is neither a dependency nor in the bundle. */

/**
 * The `shaka` namespace, as the page hands it over. Shaka's generated types differ in small things from what it does,
 * so no more is asked of them here; {@link ShakaLibrary} is what is used.
 */
export interface ShakaNamespace {
  readonly net: { readonly NetworkingEngine: object; readonly HttpFetchPlugin: object };
  readonly util: { readonly AbortableOperation: object; readonly Error: object };
}

/** A scheme plugin of the page's own, of any declaration. */
export type ShakaHttpPlugin = (...call: never[]) => unknown;

export interface ShakaLibrary extends ShakaNamespace {
  readonly net: {
    readonly NetworkingEngine: {
      registerScheme(
        scheme: string,
        plugin: ShakaSchemePlugin,
        priority?: number,
        progressSupport?: boolean,
      ): void;
      readonly PluginPriority: { readonly APPLICATION: number };
      readonly RequestType: { readonly SEGMENT: number };
      readonly AdvancedRequestType: {
        readonly MEDIA_SEGMENT: number;
        readonly MEDIA_PLAYLIST: number;
        readonly MASTER_PLAYLIST: number;
      };
    };
    readonly HttpFetchPlugin: { parse: ShakaSchemePlugin; isSupported(): boolean };
    readonly HttpXHRPlugin: { parse: ShakaSchemePlugin };
  };
  readonly util: {
    readonly AbortableOperation: new (
      promise: Promise<ShakaResponse>,
      onAbort: () => Promise<void>,
    ) => ShakaOperation;
    readonly Error: {
      new (severity: number, category: number, code: number, ...data: unknown[]): ShakaError;
      readonly Severity: { readonly RECOVERABLE: number };
      readonly Category: { readonly NETWORK: number };
      readonly Code: {
        readonly OPERATION_ABORTED: number;
        readonly TIMEOUT: number;
        readonly HTTP_ERROR: number;
        readonly BAD_HTTP_STATUS: number;
      };
    };
  };
}

/** A `shaka.Player`. */
export interface ShakaPlayer {
  getNetworkingEngine(): ShakaNetworking | null;
  getAssetUri(): string | null;
  getMediaElement(): HTMLMediaElement | null;
  isLive(): boolean;
  getStats(): { readonly estimatedBandwidth: number };
  getBufferedInfo(): {
    readonly video: readonly ShakaBuffered[];
    readonly audio: readonly ShakaBuffered[];
  };
  addEventListener(type: string, listener: (event: Event) => void): void;
  removeEventListener(type: string, listener: (event: Event) => void): void;
  destroy(): Promise<unknown>;
}

/** In seconds of the presentation. */
export interface ShakaBuffered {
  readonly start: number;
  readonly end: number;
}

export interface ShakaNetworking {
  registerRequestFilter(filter: ShakaRequestFilter): void;
  unregisterRequestFilter(filter: ShakaRequestFilter): void;
  registerResponseFilter(filter: ShakaResponseFilter): void;
  unregisterResponseFilter(filter: ShakaResponseFilter): void;
}

export type ShakaRequestFilter = (type: number, request: ShakaRequest, context?: ShakaRequestContext) => void;

export type ShakaResponseFilter = (
  type: number,
  response: ShakaResponse,
  context?: ShakaRequestContext,
) => void;

export interface ShakaRequest {
  uris: string[];
  method: string;
  headers: { [name: string]: string };
  /** Milliseconds; 0: none. */
  retryParameters: { readonly timeout: number };
  streamDataCallback: ((data: ArrayBuffer | ArrayBufferView) => Promise<unknown>) | null;
}

export interface ShakaRequestContext {
  readonly type?: number;
  readonly stream?: { readonly type: string; readonly bandwidth?: number };
  readonly segment?: ShakaSegment | null;
}

export interface ShakaSegment {
  getUris(): string[];
  /** Seconds of the presentation. */
  getStartTime(): number;
  getEndTime(): number;
  getStartByte(): number;
  /** Inclusive; null: to the end of the resource. */
  getEndByte(): number | null;
}

export interface ShakaResponse {
  uri: string;
  originalUri: string;
  data: ArrayBuffer | ArrayBufferView;
  status?: number;
  headers: { [name: string]: string };
  timeMs?: number;
  fromCache?: boolean;
  originalRequest: ShakaRequest;
}

export interface ShakaError {
  readonly code: number;
  readonly data: readonly unknown[];
}

export interface ShakaOperation {
  readonly promise: Promise<ShakaResponse>;
  abort(): Promise<unknown>;
}

/** Milliseconds and bytes since it was last called; bytes that are still to come. */
type ProgressUpdated = (milliseconds: number, bytes: number, remainingBytes: number) => void;

export type ShakaSchemePlugin = (
  uri: string,
  request: ShakaRequest,
  type: number,
  progressUpdated: ProgressUpdated,
  headersReceived: (headers: { [name: string]: string }) => void,
  config: { readonly minBytesForProgressEvents?: number },
) => ShakaOperation;
