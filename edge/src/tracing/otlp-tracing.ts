import {
  type Context,
  isSpanContextValid,
  type Span as OtelSpan,
  ROOT_CONTEXT,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import {
  defaultResource,
  detectResources,
  envDetector,
  resourceFromAttributes,
} from '@opentelemetry/resources';
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import type { Attributes, Span, Tracing } from './tracing.js';

/** A collector that is away does not hold up a stop. */
const CLOSE_MS = 2000;

/** Spans of one edge, sent in batches as OTLP over HTTP in JSON. Everything else is said by `OTEL_…` variables. */
export function createOtlpTracing({ edgeName }: { readonly edgeName: string }): Tracing {
  const own = { 'service.name': 'eddy-edge', 'service.instance.id': edgeName };
  const provider = new BasicTracerProvider({
    resource: defaultResource()
      .merge(resourceFromAttributes(own))
      // What the operator says counts.
      .merge(detectResources({ detectors: [envDetector] })),
    spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())],
  });
  const tracer = provider.getTracer('eddy-edge');
  return {
    request: (traceparent, attributes) =>
      start(tracer, 'request', attributes, SpanKind.SERVER, contextOf(traceparent)),
    async close() {
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, CLOSE_MS);
      });
      // Spans that nobody takes are lost; the edge stops all the same.
      await Promise.race([provider.shutdown().catch(() => {}), late]);
      clearTimeout(timer);
    },
  };
}

function start(tracer: Tracer, name: string, attributes: Attributes, kind: SpanKind, parent: Context): Span {
  const span = tracer.startSpan(name, { kind, attributes }, parent);
  return {
    child: (childName, childAttributes = {}, childKind = 'internal') =>
      start(
        tracer,
        childName,
        childAttributes,
        childKind === 'client' ? SpanKind.CLIENT : SpanKind.INTERNAL,
        trace.setSpan(ROOT_CONTEXT, span),
      ),
    set: (more) => void span.setAttributes(more),
    end: (failure) => {
      if (failure !== undefined) {
        span.setStatus({ code: SpanStatusCode.ERROR, message: failure });
        span.setAttribute('error.type', failure);
      }
      span.end();
    },
    get traceparent() {
      return traceparentOf(span);
    },
  };
}

/** Version 00, and what later ones have in common with it. */
const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:-.*)?$/;

function contextOf(traceparent: string | undefined): Context {
  const [, traceId, spanId, flags] = TRACEPARENT.exec(traceparent ?? '') ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return ROOT_CONTEXT;
  const caller: SpanContext = { traceId, spanId, traceFlags: Number.parseInt(flags, 16) & 1, isRemote: true };
  return isSpanContextValid(caller) ? trace.setSpanContext(ROOT_CONTEXT, caller) : ROOT_CONTEXT;
}

function traceparentOf(span: OtelSpan): string {
  const { traceId, spanId, traceFlags } = span.spanContext();
  return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;
}
