import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type RequestListener, request, type Server } from 'node:http';
import {
  type AddressInfo,
  createServer as createTcpServer,
  type Socket,
  type Server as TcpServer,
} from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseEdgeConfig } from '../config/schema.js';
import { type EdgeComponents, type RunningEdge, startEdge } from '../edge.js';
import { SILENT_LOG } from '../telemetry/log.js';

/** Things that tests open; closed last first. */
export class Cleanup {
  readonly #steps: (() => Promise<unknown>)[] = [];

  add(step: () => Promise<unknown>): void {
    this.#steps.push(step);
  }

  async run(): Promise<void> {
    for (const step of this.#steps.splice(0).reverse()) await step();
  }
}

export async function temporaryFolder(cleanup: Cleanup): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'eddy-edge-'));
  cleanup.add(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** An edge on free loopback ports, without insight unless `settings` says otherwise. */
export async function startTestEdge(
  cleanup: Cleanup,
  settings: Readonly<Record<string, unknown>>,
  components: EdgeComponents = {},
): Promise<RunningEdge> {
  const config = parseEdgeConfig({
    listeners: { public: '127.0.0.1:0', admin: '127.0.0.1:0', insight: '127.0.0.1:0' },
    insight: { enabled: false },
    log: { level: 'silent' },
    ...settings,
  });
  const edge = await startEdge(config, { log: SILENT_LOG, ...components });
  cleanup.add(() => edge.close(0));
  return edge;
}

/** A web server on loopback. Returns its URL. */
export async function startHttpOrigin(cleanup: Cleanup, handle: RequestListener): Promise<string> {
  const server: Server = createServer(handle);
  cleanup.add(async () => {
    server.closeAllConnections();
    server.close();
  });
  return listenOnLoopback(server);
}

/** A server that writes what it wants, HTTP or not. Returns its URL. */
export async function startRawOrigin(cleanup: Cleanup, handle: (socket: Socket) => void): Promise<string> {
  const sockets = new Set<Socket>();
  const server: TcpServer = createTcpServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    handle(socket);
  });
  cleanup.add(async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return listenOnLoopback(server);
}

function listenOnLoopback(server: TcpServer): Promise<string> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve(`http://127.0.0.1:${portOf(server.address())}`));
  });
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === 'string') throw new TypeError('not a TCP server');
  return address.port;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
  /** Whether the body came to its declared end. */
  readonly complete: boolean;
}

export interface AskOptions {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Called once, with the first bytes of the body. */
  readonly onFirstBytes?: () => void;
}

/** One request exactly as written (no tidying of the path) on its own connection. Resolves also when it is cut. */
export function ask(base: string, path: string, options: AskOptions = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(base);
    const outgoing = request(
      { hostname, port, path, method: options.method ?? 'GET', headers: options.headers ?? {}, agent: false },
      (incoming) => {
        const pieces: Buffer[] = [];
        incoming.once('data', () => options.onFirstBytes?.());
        incoming.on('data', (piece: Buffer) => pieces.push(piece));
        const settle = (complete: boolean): void =>
          resolve({
            status: incoming.statusCode ?? 0,
            headers: incoming.headers,
            body: Buffer.concat(pieces),
            complete,
          });
        incoming.on('end', () => settle(incoming.complete));
        incoming.on('error', () => settle(false));
      },
    );
    outgoing.on('error', reject);
    outgoing.end(options.body);
  });
}

/** A promise and what settles it: for barriers. */
export interface Gate<Value> {
  readonly passed: Promise<Value>;
  open(value: Value): void;
}

export function gate<Value = void>(): Gate<Value> {
  let open: (value: Value) => void = () => {};
  const passed = new Promise<Value>((resolve) => {
    open = resolve;
  });
  return { passed, open };
}

/** A value from an edge's `/metrics`, by its whole name with labels. */
export async function metric(edge: RunningEdge, name: string): Promise<number | undefined> {
  const { body } = await ask(edge.admin.url, '/metrics');
  const line = body
    .toString()
    .split('\n')
    .find((candidate) => candidate.startsWith(`${name} `));
  return line === undefined ? undefined : Number(line.slice(name.length + 1));
}
