import type { IncomingMessage, ServerResponse } from 'node:http';
import { BEACON_PATH, MAX_BEACON_BYTES } from '@eddy/protocol';
import { Hono } from 'hono';
import { type Answer, type Receive, tooLarge } from './receive.js';

/**
 * `sendBeacon` posts with credentials from any site, so the asking origin is allowed by name; there are none to steal.
 */
function fieldsFor(origin: string | undefined): Record<string, string> {
  return {
    Vary: 'Origin',
    'Access-Control-Allow-Origin': origin ?? '*',
    ...(origin === undefined ? {} : { 'Access-Control-Allow-Credentials': 'true' }),
  };
}

/** All but POST, which `postListener` answers: it is asked hundreds of times a second. */
export function beaconRoutes(): Hono {
  const routes = new Hono();
  routes.options(BEACON_PATH, (context) =>
    context.body(null, 204, {
      ...fieldsFor(context.req.header('Origin')),
      'Access-Control-Allow-Methods': 'POST',
      'Access-Control-Allow-Headers': 'Content-Type',
      'Access-Control-Max-Age': '86400',
    }),
  );
  routes.all(BEACON_PATH, (context) =>
    context.text('Beacons are posted.\n', 405, {
      ...fieldsFor(context.req.header('Origin')),
      Allow: 'POST, OPTIONS',
    }),
  );
  return routes;
}

/** Answers a POST to `BEACON_PATH`. */
export type BeaconListener = (request: IncomingMessage, response: ServerResponse, address: string) => void;

export function postListener(
  receive: Receive,
  components: { readonly onTooLarge: () => void; readonly onError: (error: unknown) => void },
): BeaconListener {
  return (request, response, address) => {
    const respond = ({ status, text }: Answer): void => {
      if (response.headersSent || response.destroyed) return;
      const fields = fieldsFor(request.headers.origin);
      if (status === 503) fields['Retry-After'] = '5';
      // The rest of a body that is too large is not waited for.
      if (status === 413) fields.Connection = 'close';
      if (text !== undefined) fields['Content-Type'] = 'text/plain; charset=UTF-8';
      response.writeHead(status, fields).end(text === undefined ? undefined : `${text}\n`);
    };
    let body = '';
    let isOver = false;
    request.setEncoding('utf8');
    request.on('data', (piece: string) => {
      if (isOver) return;
      body += piece;
      if (body.length <= MAX_BEACON_BYTES) return;
      isOver = true;
      components.onTooLarge();
      respond(tooLarge());
    });
    request.on('end', () => {
      if (isOver) return;
      receive(body, { address, userAgent: request.headers['user-agent'] }).then(respond, (error: unknown) => {
        components.onError(error);
        respond({ status: 503, text: 'Batches cannot be taken now.' });
      });
    });
  };
}
