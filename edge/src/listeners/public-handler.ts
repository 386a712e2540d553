import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { getRequestListener, type HttpBindings } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { Hono } from 'hono';
import type { Access } from '../access/access.js';
import { formatRefusedStatus } from '../http/cache-status.js';
import { PREFLIGHT_FIELDS } from '../http/cors.js';
import type { Delivery } from '../http/delivery.js';
import type { HitPath } from '../http/hit-path.js';
import { isReserved, type RequestKeyOptions, requestKey } from '../http/request-key.js';
import type { Responder } from '../http/responder.js';
import { REFUSALS } from '../refusals/refusals.js';
import type { AccessLog } from '../telemetry/access-log.js';
import { admit } from './admission.js';

export interface PublicHandlerComponents {
  readonly hitPath: HitPath;
  readonly delivery: Delivery;
  readonly responder: Responder;
  readonly access: Pick<Access, 'gate' | 'addressOf'>;
  readonly accessLog: AccessLog | undefined;
  /** What the edge itself answers below `/_eddy/`. */
  readonly eddyRoutes: Hono | undefined;
}

type Bindings = { Bindings: HttpBindings };

/** The public listener: the gate, then memory hits, then the routes. */
export function createPublicHandler(
  components: PublicHandlerComponents,
  options: RequestKeyOptions,
): RequestListener {
  const { hitPath, responder, access, accessLog } = components;
  const routes = createPublicRoutes(components);
  const listener = getRequestListener((request, env) => routes.fetch(request, env), {
    // HTTP/1.0 need not name a host, and media does not depend on it.
    hostname: 'localhost',
    overrideGlobalObjects: false,
    errorHandler: badRequest,
  });
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    if (hitPath(request, response)) return;
    // Looked at as it was sent, before anything takes it for a URL and tidies it up.
    const key = requestKey(request.url ?? '', options);
    if ('refused' in key) {
      responder.refuse(request, response, key.refused);
      return;
    }
    // A path that only becomes `/_eddy/…` when it is decoded matches no route there; it must match no other either.
    if (isReserved(key.path)) request.url = key.path;
    void listener(request, response);
  };
  return admit({
    gate: access.gate,
    refuse: (request, response, { refused, fields, site }) => {
      accessLog?.watch(request, response, {
        ...{ site: site?.name, address: access.addressOf(request), session: undefined, refused },
      });
      responder.refuse(request, response, refused, { fields });
    },
    onError: (request, response, cause) => responder.refuse(request, response, 'internal', { cause }),
    handle: (request, response, visitor) => {
      accessLog?.watch(request, response, {
        ...{ site: visitor.site.name, address: visitor.address, session: visitor.session },
      });
      answer(request, response);
    },
  });
}

function createPublicRoutes({ delivery, responder, eddyRoutes }: PublicHandlerComponents): Hono<Bindings> {
  const routes = new Hono<Bindings>();
  if (eddyRoutes !== undefined) routes.route('/', eddyRoutes);
  for (const path of ['/_eddy', '/_eddy/*']) {
    routes.all(path, ({ env }) => {
      responder.refuse(env.incoming, env.outgoing, 'no-such-endpoint');
      return RESPONSE_ALREADY_SENT;
    });
  }
  routes.get('*', async ({ env }) => {
    await delivery.deliver(env.incoming, env.outgoing);
    return RESPONSE_ALREADY_SENT;
  });
  routes.options('*', ({ env }) => {
    env.outgoing.writeHead(204, [...PREFLIGHT_FIELDS]).end();
    return RESPONSE_ALREADY_SENT;
  });
  routes.all('*', ({ env }) => {
    responder.refuse(env.incoming, env.outgoing, 'method-not-allowed', {
      fields: ['Allow', 'GET, HEAD, OPTIONS'],
    });
    return RESPONSE_ALREADY_SENT;
  });
  routes.onError((error, { env }) => {
    responder.refuse(env.incoming, env.outgoing, 'internal', { cause: error });
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
