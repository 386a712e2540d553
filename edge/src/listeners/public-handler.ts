import type { IncomingMessage, RequestListener } from 'node:http';
import { getRequestListener, type HttpBindings } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { Hono } from 'hono';
import { formatRefusedStatus } from '../http/cache-status.js';
import type { Delivery } from '../http/delivery.js';
import type { HitPath } from '../http/hit-path.js';
import { isReserved, requestKey } from '../http/request-key.js';
import type { Responder } from '../http/responder.js';
import type { Site } from '../http/site.js';
import { REFUSALS } from '../refusals/refusals.js';

export interface PublicHandlerComponents {
  readonly hitPath: HitPath;
  readonly delivery: Delivery;
  readonly responder: Responder;
  readonly site: Site;
  /** What the edge itself answers below `/_eddy/`. */
  readonly eddyRoutes: Hono | undefined;
}

type Bindings = { Bindings: HttpBindings };

/** The public listener: memory hits first, then the edge's own routes, then media. */
export function createPublicHandler(components: PublicHandlerComponents): RequestListener {
  const { hitPath, responder, delivery, site } = components;
  const routes = createEdgeRoutes(components);
  const listener = getRequestListener((request, env) => routes.fetch(request, env), {
    // HTTP/1.0 need not name a host, and media does not depend on it.
    hostname: 'localhost',
    overrideGlobalObjects: false,
    errorHandler: badRequest,
  });
  return (request, response) => {
    if (hitPath(request, response, site)) return;
    // Looked at as it was sent, before anything takes it for a URL and tidies it up.
    const key = requestKey(request.url ?? '', site.key);
    if ('refused' in key) {
      responder.refuse({ request, response, site }, key.refused);
      return;
    }
    if (!isHost(request)) {
      responder.refuse({ request, response, site }, 'bad-request');
      return;
    }
    if (!isReserved(key.path)) {
      if (isPreflight(request) && site.cors.by === 'edge') {
        response.writeHead(204, [...site.cors.preflightFor(request.headers.origin)]).end();
        return;
      }
      delivery.deliver({ request, response, site }, key).catch((cause: unknown) => {
        responder.refuse({ request, response, site }, 'internal', { cause });
      });
      return;
    }
    // A path that only becomes `/_eddy/…` when it is decoded matches no route there; it must match no other either.
    request.url = key.path;
    void listener(request, response);
  };
}

/** RFC 9112 section 3.2: HTTP/1.1 names a host, and one that is one. */
function isHost({ headers: { host }, httpVersionMajor, httpVersionMinor }: IncomingMessage): boolean {
  if (host === undefined) return httpVersionMajor !== 1 || httpVersionMinor === 0;
  return host === '' || /^(?:\[[0-9a-f:.]+\]|[0-9a-z\-._~%!$&'()*+,;=]+)(?::\d*)?$/i.test(host);
}

function isPreflight({ method }: IncomingMessage): boolean {
  return method === 'OPTIONS';
}

/** What the edge itself answers below `/_eddy/`. */
function createEdgeRoutes({ responder, eddyRoutes, site }: PublicHandlerComponents): Hono<Bindings> {
  const routes = new Hono<Bindings>();
  if (eddyRoutes !== undefined) routes.route('/', eddyRoutes);
  routes.all('*', ({ env: { incoming: request, outgoing: response } }) => {
    responder.refuse({ request, response, site }, 'no-such-endpoint');
    return RESPONSE_ALREADY_SENT;
  });
  routes.onError((cause, { env: { incoming: request, outgoing: response } }) => {
    responder.refuse({ request, response, site }, 'internal', { cause });
    return RESPONSE_ALREADY_SENT;
  });
  return routes;
}

/** What the adapter cannot make a request of, such as a Host header that is no host. */
function badRequest(): Response {
  const { status, message } = REFUSALS['bad-request'];
  return Response.json(
    { error: 'bad-request', message },
    { status, headers: { 'Cache-Status': formatRefusedStatus('bad-request') } },
  );
}
