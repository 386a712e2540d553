import type { IncomingHttpHeaders } from 'node:http';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { ask, Cleanup, startHttpOrigin, startTestEdge, temporaryFolder } from './testing/edge-fixture.js';
import { openTracing } from './tracing/open-tracing.js';

const cleanup = new Cleanup();
afterEach(async () => {
  await cleanup.run();
  vi.unstubAllEnvs();
});

/** As OTLP writes it in JSON. */
interface OtlpSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly { readonly key: string; readonly value: Record<string, unknown> }[];
  readonly status: { readonly code?: number };
}

interface OtlpRequest {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: OtlpSpan['attributes'] };
    readonly scopeSpans: readonly { readonly spans: readonly OtlpSpan[] }[];
  }[];
}

type Found = OtlpSpan & { readonly edge: unknown; readonly said: Readonly<Record<string, unknown>> };

function valuesOf(attributes: OtlpSpan['attributes']): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
}

/** A collector. Edges send what they have when they stop, so that is when to look. */
async function startCollector(): Promise<{ spans: () => Found[]; authorization: () => unknown }> {
  const spans: Found[] = [];
  let authorization: unknown;
  const url = await startHttpOrigin(cleanup, async (request, response) => {
    expect(request.url).toBe('/v1/traces');
    authorization = request.headers.authorization;
    let text = '';
    for await (const piece of request) text += String(piece);
    const { resourceSpans }: OtlpRequest = JSON.parse(text);
    for (const { resource, scopeSpans } of resourceSpans) {
      const edge = valuesOf(resource.attributes)['service.instance.id'];
      for (const span of scopeSpans.flatMap((scope) => scope.spans)) {
        spans.push({ ...span, edge, said: valuesOf(span.attributes) });
      }
    }
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  });
  vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', url);
  vi.stubEnv('OTEL_EXPORTER_OTLP_HEADERS', 'authorization=Basic%20c2VjcmV0');
  return { spans: () => spans, authorization: () => authorization };
}

/** An origin that is out of order at /broken.m4s, and what it was asked with. */
async function startOrigin(): Promise<{ url: string; asked: IncomingHttpHeaders[] }> {
  const asked: IncomingHttpHeaders[] = [];
  const url = await startHttpOrigin(cleanup, (request, response) => {
    asked.push(request.headers);
    if (request.url === '/broken.m4s') response.writeHead(503).end();
    else response.writeHead(200, { 'cache-control': 'max-age=60' }).end('0123456789');
  });
  return { url, asked };
}

const CALLER = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

describe('an edge that is asked for traces', () => {
  it('records how a miss came about, and no hit', async () => {
    const collector = await startCollector();
    const { url, asked } = await startOrigin();
    const dir = await temporaryFolder(cleanup);
    const edge = await startTestEdge(cleanup, { name: 'near', origin: { url }, cache: { dir } });
    for (let time = 0; time < 3; time++) {
      const answer = await ask(edge.public.url, '/a.m4s?token=secret', { headers: { traceparent: CALLER } });
      expect(answer.status).toBe(200);
    }
    await edge.close();
    const spans = collector.spans();
    const [request, fill, upstream] = ['request', 'fill', 'upstream'].map((name) =>
      spans.find((span) => span.name === name),
    );
    expect(spans.map(({ name }) => name).sort()).toEqual(['fill', 'request', 'upstream']);
    // SERVER, INTERNAL, CLIENT.
    expect([request?.kind, fill?.kind, upstream?.kind]).toEqual([2, 1, 3]);
    expect([fill?.parentSpanId, upstream?.parentSpanId]).toEqual([request?.spanId, fill?.spanId]);
    expect(new Set(spans.map(({ traceId }) => traceId)).size).toBe(1);
    // Nobody in particular asked, so it is a trace of its own.
    expect([request?.parentSpanId ?? '', request?.traceId]).not.toContain(CALLER.slice(3, 35));
    expect(request).toMatchObject({
      edge: 'near',
      said: { 'url.path': '/a.m4s', 'eddy.cache.forward': 'uri-miss' },
    });
    expect(request?.said).toMatchObject({ 'http.response.status_code': 200, 'eddy.fill.role': 'writer' });
    expect(fill?.said).toMatchObject({ 'eddy.fill.end': 'stored' });
    expect(upstream?.said).toMatchObject({ 'eddy.upstream.role': 'origin', 'eddy.upstream.url': `${url}/` });
    expect(asked.map(({ traceparent }) => traceparent)).toEqual([
      `00-${upstream?.traceId}-${upstream?.spanId}-01`,
    ]);
    expect(JSON.stringify(spans)).not.toContain('secret');
    expect(collector.authorization()).toBe('Basic c2VjcmV0');
  });

  it('goes on with the trace of a caller that it trusts, through a shield', async () => {
    const collector = await startCollector();
    const { url } = await startOrigin();
    const proxies = { trusted: ['127.0.0.1'] };
    const shield = await startTestEdge(cleanup, { name: 'shield', origin: { url }, proxies });
    const edge = await startTestEdge(cleanup, {
      ...{ name: 'near', origin: { url }, proxies },
      shield: { urls: [shield.public.url] },
    });
    await ask(edge.public.url, '/a.m4s', { headers: { traceparent: CALLER } });
    await edge.close();
    await shield.close();
    const spans = collector.spans();
    expect(new Set(spans.map(({ traceId }) => traceId))).toEqual(new Set([CALLER.slice(3, 35)]));
    const of = (edgeName: string, name: string): Found | undefined =>
      spans.find((span) => span.edge === edgeName && span.name === name);
    expect(of('near', 'request')?.parentSpanId).toBe(CALLER.slice(36, 52));
    expect(of('near', 'upstream')?.said).toMatchObject({ 'eddy.upstream.role': 'shield' });
    expect(of('shield', 'request')?.parentSpanId).toBe(of('near', 'upstream')?.spanId);
    expect(of('shield', 'upstream')?.said).toMatchObject({ 'eddy.upstream.role': 'origin' });
  });

  it('records each attempt that fails, and the answer', async () => {
    const collector = await startCollector();
    const { url } = await startOrigin();
    const edge = await startTestEdge(cleanup, { origin: { url, kind: 'files', retries: 1 } });
    expect((await ask(edge.public.url, '/broken.m4s')).status).toBe(503);
    await edge.close();
    const failed = collector.spans().filter(({ status }) => status.code === 2);
    expect(failed.map(({ name }) => name).sort()).toEqual(['fill', 'request', 'upstream', 'upstream']);
    expect(failed.find(({ name }) => name === 'fill')?.said).toMatchObject({
      'error.type': 'origin-unavailable',
    });
    expect(failed.find(({ name }) => name === 'request')?.said).toMatchObject({ 'error.type': '503' });
  });

  it('tells what is read from disk', async () => {
    const collector = await startCollector();
    const { url } = await startOrigin();
    const dir = await temporaryFolder(cleanup);
    const settings = { origin: { url }, cache: { dir } };
    const before = await startTestEdge(cleanup, settings);
    await ask(before.public.url, '/a.m4s');
    await before.close();
    const edge = await startTestEdge(cleanup, settings);
    // The index is rebuilt in the background; until then it may have anything.
    expect((await ask(edge.public.url, '/a.m4s')).headers['cache-status']).toMatch(/detail=disk/);
    await edge.close();
    const [disk] = collector.spans().filter(({ said }) => said['eddy.cache.hit'] === true);
    expect(disk).toMatchObject({ name: 'lookup', said: { 'eddy.cache.tier': 'disk' } });
  });

  it('sends nothing of what a caller does not want sampled, and says so further on', async () => {
    const collector = await startCollector();
    const { url, asked } = await startOrigin();
    const proxies = { trusted: ['127.0.0.1'] };
    const edge = await startTestEdge(cleanup, { origin: { url }, proxies });
    await ask(edge.public.url, '/a.m4s', { headers: { traceparent: CALLER.replace(/01$/, '00') } });
    await edge.close();
    expect(collector.spans()).toEqual([]);
    expect(asked[0]?.traceparent).toMatch(new RegExp(`^00-${CALLER.slice(3, 35)}-[0-9a-f]{16}-00$`));
  });

  it('stops in time where its collector is away', async () => {
    vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', 'http://127.0.0.1:9');
    const { url } = await startOrigin();
    const edge = await startTestEdge(cleanup, { origin: { url } });
    await ask(edge.public.url, '/a.m4s');
    const startMs = performance.now();
    await edge.close();
    expect(performance.now() - startMs).toBeLessThan(8000);
  });
});

describe('an edge that is not', () => {
  it('passes on what its clients say', async () => {
    const { url, asked } = await startOrigin();
    const edge = await startTestEdge(cleanup, { origin: { url } });
    await ask(edge.public.url, '/a.m4s', { headers: { traceparent: CALLER } });
    expect(asked[0]?.traceparent).toBe(CALLER);
  });

  it.each([
    [{}],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: '' }],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9', OTEL_SDK_DISABLED: 'true' }],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9', OTEL_TRACES_EXPORTER: 'none' }],
  ])('has no tracing: %j', async (env) => {
    expect(await openTracing(env, 'eddy')).toBeUndefined();
  });
});
