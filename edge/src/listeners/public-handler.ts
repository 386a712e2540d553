import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { BEACON_PATH } from '@eddy/protocol';
import { getRequestListener, type HttpBindings } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { Hono } from 'hono';
import type { Access } from '../access/access.js';
import { isPreflight } from '../access/cors.js';
import type { Visitor } from '../access/gate.js';
import { formatRefusedStatus } from '../http/cache-status.js';
import type { Delivery } from '../http/delivery.js';
import type { HitPath } from '../http/hit-path.js';
import { isReserved, requestKey } from '../http/request-key.js';
import type { Responder } from '../http/responder.js';
import type { Site } from '../http/site.js';
import type { BeaconListener } from '../insight/intake/beacon-routes.js';
import { REFUSALS } from '../refusals/refusals.js';
import type { Sites } from '../sites/sites.js';
import type { AccessLog } from '../telemetry/access-log.js';
import { admit } from './admission.js';

export interface PublicHandlerComponents {
  readonly hitPath: HitPath;
  readonly delivery: Delivery;
  readonly responder: Responder;
  readonly access: Pick<Access, 'gate' | 'addressOf'>;
  readonly sites: Pick<Sites, 'byName'>;
  readonly accessLog: AccessLog | undefined;
  /** What the edge itself answers below `/_eddy/`. */
  readonly eddyRoutes: Hono | undefined;
  /** Answers a POST to `BEACON_PATH` before the routes: hundreds come a second. */
  readonly onBeacons: BeaconListener | undefined;
  /** By canonical path, whatever the method. */
  readonly ownAnswers: ReadonlyMap<string, OwnAnswer>;
}

/** `asked` is the target with the token, if it had one. */
export type OwnAnswer = (
  request: IncomingMessage,
  response: ServerResponse,
  visitor: Visitor,
  asked: string,
) => void;

type Bindings = { Bindings: HttpBindings };

/** The public listener: the gate, then memory hits, then the edge's own routes, then media. */
export function createPublicHandler(components: PublicHandlerComponents): RequestListener {
  const { hitPath, responder, delivery, access, sites, accessLog, onBeacons, ownAnswers } = components;
  const routes = createEdgeRoutes(components);
  const listener = getRequestListener((request, env) => routes.fetch(request, env), {
    // HTTP/1.0 need not name a host, and media does not depend on it.
    hostname: 'localhost',
    overrideGlobalObjects: false,
    errorHandler: badRequest,
  });
  const answer = (
    request: IncomingMessage,
    response: ServerResponse,
    site: Site,
    visitor: Visitor,
    asked: string,
  ): void => {
    if (hitPath(request, response, site)) return;
    // Looked at as it was sent, before anything takes it for a URL and tidies it up.
    const key = requestKey(request.url ?? '', site.key);
    if ('refused' in key) {
      responder.refuse({ request, response, site }, key.refused);
      return;
    }
    if (isReserved(key.path)) {
      if (onBeacons !== undefined && key.path === BEACON_PATH && request.method === 'POST') {
        onBeacons(request, response, { address: visitor.address, site: visitor.site.name });
        return;
      }
      const own = ownAnswers.get(key.path);
      if (own !== undefined) {
        own(request, response, visitor, asked);
        return;
      }
      // A path that only becomes `/_eddy/…` when it is decoded matches no route there; it must match no other either.
      request.url = key.path;
      void listener(request, response);
      return;
    }
    if (answersOptions(request, site)) {
      response.writeHead(204, [...site.cors.preflight(request.headers.origin)]).end();
      return;
    }
    delivery.deliver({ request, response, site }, key).catch((cause: unknown) => {
      responder.refuse({ request, response, site }, 'internal', { cause });
    });
  };
  return admit({
    gate: access.gate,
    refuse: (request, response, { refused, fields, site }) => {
      accessLog?.watch(request, response, {
        ...{ site: site?.name, address: access.addressOf(request), session: undefined, refused },
      });
      const known = site === undefined ? {} : { site: sites.byName(site.name) };
      responder.refuse({ request, response, ...known }, refused, { fields });
    },
    onError: (request, response, cause) => responder.refuse({ request, response }, 'internal', { cause }),
    handle: (request, response, visitor, asked) => {
      if (isUnreadable(request)) {
        responder.refuse({ request, response }, 'bad-request', { fields: ['Connection', 'close'] });
        return;
      }
      accessLog?.watch(request, response, {
        ...{ site: visitor.site.name, address: visitor.address, session: visitor.session },
      });
      answer(request, response, sites.byName(visitor.site.name), visitor, asked);
    },
  });
}

/** RFC 9112 section 6.3: where the last coding is not `chunked`, nobody knows where the body ends. */
function isUnreadable({ headers }: IncomingMessage): boolean {
  const coding = headers['transfer-encoding'];
  return coding !== undefined && coding.trim().toLowerCase() !== 'chunked';
}

/** A store of files knows no OPTIONS; a web server hears of those that the edge does not answer for it. */
function answersOptions({ method, headers }: IncomingMessage, { cors, isStore }: Site): boolean {
  return method === 'OPTIONS' && !cors.byOrigin && (isStore || isPreflight(method, headers));
}

/** What the edge itself answers below `/_eddy/`. */
function createEdgeRoutes({ responder, eddyRoutes }: PublicHandlerComponents): Hono<Bindings> {
  const routes = new Hono<Bindings>();
  if (eddyRoutes !== undefined) routes.route('/', eddyRoutes);
  routes.all('*', ({ env: { incoming: request, outgoing: response } }) => {
    responder.refuse({ request, response }, 'no-such-endpoint');
    return RESPONSE_ALREADY_SENT;
  });
  routes.onError((cause, { env: { incoming: request, outgoing: response } }) => {
    responder.refuse({ request, response }, 'internal', { cause });
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
