import type { Tracing } from './tracing.js';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * What OpenTelemetry's variables ask for; undefined: nothing. Its libraries are loaded only then, and read the other
 * variables (`OTEL_EXPORTER_OTLP_HEADERS`, `OTEL_TRACES_SAMPLER`, `OTEL_SERVICE_NAME` and so on) themselves.
 */
export async function openTracing(env: Environment, edgeName: string): Promise<Tracing | undefined> {
  if (!isAsked(env)) return undefined;
  const { createOtlpTracing } = await import('./otlp-tracing.js');
  return createOtlpTracing({ edgeName });
}

function isAsked(env: Environment): boolean {
  const endpoint = env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT ?? env.OTEL_EXPORTER_OTLP_ENDPOINT ?? '';
  const off = env.OTEL_SDK_DISABLED?.toLowerCase() === 'true' || env.OTEL_TRACES_EXPORTER === 'none';
  return endpoint !== '' && !off;
}
