import type { FragmentLoaderConstructor, HlsConfig, LoaderConfiguration } from 'hls.js';
import type { ShakaCall, ShakaLoadContext } from './plugin-loader.js';
import type { NamedSegment } from './renditions.js';
import type {
  ShakaError,
  ShakaOperation,
  ShakaRequest,
  ShakaResponse,
  ShakaSchemePlugin,
} from './shaka-api.js';

/** Shaka's own limit for a segment unless the page sets another, in milliseconds. */
const TIMEOUT_MS = 30_000;
/** The edge is asked by then, however full the buffer is. */
const FIRST_BYTE_MS = 10_000;

type PluginCall = Parameters<ShakaSchemePlugin>;

/** Gets one segment through the SDK's fragment loader, and answers as a scheme plugin of Shaka does. */
export function requestSegment(
  EddyLoader: FragmentLoaderConstructor,
  segment: NamedSegment,
  call: Pick<ShakaCall, 'shaka' | 'next'>,
  [uri, request, type, progressUpdated, headersReceived, config]: PluginCall,
): ShakaOperation {
  const { shaka } = call;
  const failure = (code: number): object => {
    const { Severity, Category } = shaka.util.Error;
    return new shaka.util.Error(Severity.RECOVERABLE, Category.NETWORK, code, uri, type);
  };
  const told = { milliseconds: 0, bytes: 0 };
  const loader = new EddyLoader({} as HlsConfig);
  const context = contextOf(segment, {
    ...{ ...call, uri, request, type, config },
    onWholeProgress: (milliseconds, bytes, remaining) => {
      told.milliseconds += milliseconds;
      told.bytes += bytes;
      progressUpdated(milliseconds, bytes, remaining);
    },
  });
  let giveUp = (_reason: object): void => {};
  const promise = new Promise<ShakaResponse>((resolve, reject) => {
    giveUp = reject;
    const { Code } = shaka.util.Error;
    loader.load(context, loadingOf(request), {
      onSuccess: ({ data }, stats, _context, details) => {
        const bytes = data as ArrayBuffer;
        const milliseconds = Math.max(1, stats.loading.end - stats.loading.start);
        const untold = bytes.byteLength - told.bytes;
        // Shaka estimates bandwidth from this: bytes of others count as if this viewer's link had brought them.
        if (untold > 0) progressUpdated(Math.max(1, milliseconds - told.milliseconds), untold, 0);
        const headers = isResponse(details) ? details.headers : {};
        headersReceived(headers);
        loader.destroy();
        resolve({
          ...{ uri, originalUri: uri, data: bytes, status: 200, headers, originalRequest: request },
          ...{ timeMs: milliseconds, fromCache: false },
        });
      },
      // The plugin's own error says most.
      onError: (_error, _context, details) => reject(isError(details) ? details : failure(Code.HTTP_ERROR)),
      onTimeout: (_stats, _context, details) => reject(isError(details) ? details : failure(Code.TIMEOUT)),
    });
  });
  return new shaka.util.AbortableOperation(promise, () => {
    loader.abort();
    loader.destroy();
    giveUp(failure(shaka.util.Error.Code.OPERATION_ABORTED));
    return Promise.resolve();
  });
}

function contextOf(segment: NamedSegment, shakaCall: ShakaCall): ShakaLoadContext {
  const [rangeStart, rangeEnd] = segment.byteRange;
  const context = {
    ...{ type: 'media-fragment', url: shakaCall.uri, responseType: 'arraybuffer', headers: {} },
    ...{ part: null, frag: segment, shakaCall },
    ...(rangeStart === undefined ? {} : { rangeStart, rangeEnd }),
  };
  // A whole Fragment cannot be made without hls.js; a named segment has what the SDK reads of one.
  return context as unknown as ShakaLoadContext;
}

function loadingOf({ retryParameters }: ShakaRequest): LoaderConfiguration {
  const maxLoadTimeMs = retryParameters.timeout || TIMEOUT_MS;
  const loadPolicy = {
    ...{ maxLoadTimeMs, maxTimeToFirstByteMs: Math.min(FIRST_BYTE_MS, maxLoadTimeMs) },
    ...{ timeoutRetry: null, errorRetry: null },
  };
  return { loadPolicy, timeout: maxLoadTimeMs, maxRetry: 0, retryDelay: 0, maxRetryDelay: 0 };
}

/** What {@link PluginLoader} handed on: the response or the error of Shaka's plugin. */
function isResponse(details: unknown): details is ShakaResponse {
  return typeof details === 'object' && details !== null && 'headers' in details;
}

function isError(details: unknown): details is ShakaError {
  return typeof details === 'object' && details !== null && 'severity' in details;
}
