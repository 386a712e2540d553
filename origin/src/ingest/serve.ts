import type { Server } from 'node:http';
import { createAdaptorServer } from '@hono/node-server';
import { OriginError } from '../errors.js';
import { type IngestComponents, type IngestOptions, ingestApp } from './app.js';
import { DRAIN_MS } from './limits.js';

export interface ServeOptions extends IngestOptions {
  /** Address to listen on. */
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
}

export interface IngestServer {
  /** `http://127.0.0.1:8090`. */
  readonly url: string;
  /** Takes no more requests, lets those under way finish for `DRAIN_MS`, then ends. */
  stop(): Promise<void>;
}

/** Starts the ingest server. @throws OriginError `listen` when the address is taken or not ours. */
export async function serve(components: IngestComponents, options: ServeOptions): Promise<IngestServer> {
  const app = ingestApp(components, options);
  const server = createAdaptorServer({ fetch: app.fetch });
  if (!('closeAllConnections' in server)) throw new TypeError('the adaptor made no HTTP/1 server');
  await listen(server, options.host, options.port);
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : options.port;
  const host = options.host.includes(':') ? `[${options.host}]` : options.host;
  return { url: `http://${host}:${port}`, stop: () => stop(server) };
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => {
      const code = 'code' in error ? error.code : undefined;
      const advice =
        code === 'EADDRINUSE'
          ? 'It is taken: choose another with --listen.'
          : code === 'EACCES'
            ? 'Not allowed: choose a port above 1023.'
            : error.message;
      reject(new OriginError('listen', `Cannot listen on ${host}:${port}. ${advice}`, error));
    });
    server.listen(port, host, resolve);
  });
}

function stop(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const cut = setTimeout(() => server.closeAllConnections(), DRAIN_MS);
    server.close(() => {
      clearTimeout(cut);
      resolve();
    });
    server.closeIdleConnections();
  });
}
