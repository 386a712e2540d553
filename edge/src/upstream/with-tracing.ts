import { withoutFields } from '../cache/fields.js';
import type { Upstream } from './upstream.js';
import { asUpstreamError, UpstreamError } from './upstream-error.js';

const TRACE_FIELDS: ReadonlySet<string> = new Set(['traceparent', 'tracestate']);

/** Whom it asks. */
interface Asked {
  readonly role: string;
  /** Without credentials. */
  readonly url: string;
}

/**
 * The same upstream; each attempt of a request that is recorded is a span, from asking to the response head, and is
 * told in `traceparent`. Folders and buckets do not hear it.
 */
export function withTracing(upstream: Upstream, { role, url }: Asked): Upstream {
  return {
    ...upstream,
    async fetch(request, signal) {
      const { method = 'GET', path, fields = [] } = request;
      const span = request.span?.child(
        'upstream',
        {
          'http.request.method': method,
          'url.path': path,
          'eddy.upstream.role': role,
          'eddy.upstream.url': url,
        },
        'client',
      );
      if (span === undefined) return upstream.fetch(request, signal);
      let failure: string | undefined;
      try {
        const told = [...withoutFields(fields, TRACE_FIELDS), 'traceparent', span.traceparent];
        const response = await upstream.fetch({ ...request, fields: told }, signal);
        span.set({ 'http.response.status_code': response.status });
        if (response.status >= 500) failure = String(response.status);
        return response;
      } catch (error) {
        const gaveUp = signal.aborted && !(signal.reason instanceof UpstreamError);
        failure = gaveUp ? 'abandoned' : asUpstreamError(error).code;
        throw error;
      } finally {
        span.end(failure);
      }
    },
  };
}
