import type { IncomingMessage, ServerResponse } from 'node:http';

/** A small body that nobody keeps; pages of all origins may read it, since it tells nothing of who asks. */
export function respond(
  { method, headers }: IncomingMessage,
  response: ServerResponse,
  mediaType: string,
  body: string,
): void {
  const { origin } = headers;
  const fields = [
    ...['Access-Control-Allow-Origin', origin ?? '*', 'Vary', 'Origin', 'Timing-Allow-Origin', '*'],
    ...(origin === undefined ? [] : ['Access-Control-Allow-Credentials', 'true']),
    ...['Cache-Control', 'no-store'],
  ];
  if (method === 'OPTIONS') {
    const asked = headers['access-control-request-headers'] ?? '*';
    const allowed = ['Access-Control-Allow-Methods', 'GET, HEAD', 'Access-Control-Allow-Headers', asked];
    response.writeHead(204, [...fields, ...allowed, 'Access-Control-Max-Age', '86400']).end();
  } else if (method === 'GET' || method === 'HEAD') {
    const about = ['Content-Type', mediaType, 'Content-Length', String(Buffer.byteLength(body))];
    response.writeHead(200, [...fields, ...about]).end(method === 'HEAD' ? undefined : body);
  } else {
    response.writeHead(405, [...fields, 'Allow', 'GET, HEAD, OPTIONS', 'Content-Length', '0']).end();
  }
}
