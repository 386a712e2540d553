import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Cleanup } from '../testing/edge-fixture.js';
import { hotHead, sendHot } from './hot-answer.js';
import { type HotObject, hotAnswerOf } from './hot-index.js';
import { addHotLane, type HotLane, type HotLaneOptions } from './hot-lane.js';

export const LANE_OPTIONS: HotLaneOptions = {
  headersMs: 10_000,
  keepAliveMs: 75_000,
  stalledMs: 60_000,
  headerBytes: 16_384,
  urlBytes: 8_192,
};

/** A server with objects under `/hot/` and `/slow/`, and words for a POST to `/word`, that are the same through the lane and through `node:http`. */
export interface LaneServer {
  readonly server: Server;
  readonly lane: HotLane | undefined;
  readonly port: number;
  /** Answers of the lane. */
  readonly hot: () => number;
  /** Requests that `node:http` saw. */
  readonly seen: () => number;
  readonly unanswered: () => number;
  /** Lets the second half of each slow answer that is under way go. */
  readonly goOn: () => void;
  /** The server's ends of its connections, oldest first. */
  readonly sockets: readonly Socket[];
}

export interface LaneServerOptions extends Partial<HotLaneOptions> {
  readonly lane: boolean;
  readonly bodyBytes?: number;
  /** Whether slow answers wait for `goOn`. Default: some turns of the loop. */
  readonly waits?: boolean;
}

/** Fewer than `converse` waits. */
const SLOW_TURNS = 5;

const fieldsOf = (body: Buffer): string[] => [
  ...['Content-Type', 'application/vnd.apple.mpegurl', 'Content-Length', String(body.length)],
  ...['Date', 'Mon, 02 Mar 2026 10:00:00 GMT', 'Age', '3'],
];

export async function startLaneServer(
  cleanup: Cleanup,
  { lane: withLane, bodyBytes = 100, waits = false, ...given }: LaneServerOptions,
): Promise<LaneServer> {
  const options = { ...LANE_OPTIONS, ...given };
  const body = Buffer.alloc(bodyBytes, 'abcdefg');
  const object: HotObject = {
    ...{ body, freshUntilMs: Number.POSITIVE_INFINITY, hot: undefined },
    headAt: () => ({ head: hotHead(fieldsOf(body), options), untilMs: Number.POSITIVE_INFINITY }),
  };
  const sockets: Socket[] = [];
  let seen = 0;
  let unanswered = 0;
  let hot = 0;
  let waiting: (() => void)[] = [];
  const half = async (): Promise<void> => {
    if (waits) return new Promise((goOn) => void waiting.push(goOn));
    for (let turn = 0; turn < SLOW_TURNS; turn++) await nextTurn();
  };
  const answerSlowly = async (socket: Socket): Promise<void> => {
    const text = Buffer.concat([Buffer.from(hotHead(fieldsOf(body), options)), body]);
    unanswered++;
    socket.write(text.subarray(0, -50));
    await half();
    unanswered--;
    if (socket.writable) socket.write(text.subarray(-50));
  };
  const answerByWord = async (socket: Socket): Promise<void> => {
    await half();
    if (socket.writable) socket.write(hotHead(fieldsOf(Buffer.alloc(0)), options));
  };
  const server = createServer(
    { keepAliveTimeout: options.keepAliveMs, headersTimeout: options.headersMs, noDelay: true },
    (request, response) => {
      seen++;
      unanswered++;
      response.on('close', () => unanswered--);
      if (isPlain(request, '/slow/')) {
        response.writeHead(200, fieldsOf(body)).write(body.subarray(0, -50));
        void half().then(() => response.end(body.subarray(-50)));
      } else handle(request, response, body);
    },
  );
  server.timeout = options.stalledMs;
  const lane = withLane
    ? addHotLane(
        server,
        {
          answer({ method, target }, socket) {
            if (method === 'POST' && target === '/word') {
              hot++;
              return answerByWord(socket);
            }
            if (method !== 'GET') return false;
            if (target.includes('?')) return false;
            if (target.startsWith('/slow/')) {
              hot++;
              return answerSlowly(socket);
            }
            if (!target.startsWith('/hot/')) return false;
            const answer = hotAnswerOf(object, 0);
            if (answer === undefined) return false;
            sendHot(answer, socket);
            hot++;
            return true;
          },
        },
        options,
      )
    : undefined;
  server.on('connection', (socket) => {
    sockets.push(socket);
    // Then Node's parser reads through events as with the lane. Else it answers `[request][rubbish]` in one chunk by a
    // 400 more, since it takes a turn between the two.
    if (!withLane) socket.on('data', () => {});
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanup.add(async () => {
    server.closeAllConnections();
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return {
    ...{ server, lane, sockets },
    port: (server.address() as AddressInfo).port,
    hot: () => hot,
    seen: () => seen,
    unanswered: () => unanswered,
    goOn: () => {
      const held = waiting;
      waiting = [];
      for (const goOn of held) goOn();
    },
  };
}

function isPlain({ method, url = '', headers }: IncomingMessage, prefix: string): boolean {
  return method === 'GET' && url.startsWith(prefix) && !url.includes('?') && headers.range === undefined;
}

/** Hot objects as a hit path answers them; of all else it echoes what it read, some at once, some later. */
function handle(request: IncomingMessage, response: ServerResponse, body: Buffer): void {
  const { method, url = '', rawHeaders } = request;
  const date = ['Date', 'Mon, 02 Mar 2026 10:00:00 GMT'];
  if (isPlain(request, '/hot/')) {
    response.writeHead(200, fieldsOf(body)).end(body);
    return;
  }
  const answer = (received: number): void => {
    response.writeHead(404, date).end(JSON.stringify({ method, url, rawHeaders, received }));
  };
  if (url.startsWith('/late')) setImmediate(answer, -1);
  else if (url.startsWith('/unread')) answer(-1);
  else {
    let received = 0;
    request.on('data', (piece: Buffer) => {
      received += piece.length;
    });
    request.on('end', () => answer(received));
  }
}

/** What comes back over one connection to which these chunks are sent, each after the last was read. */
export async function converse(to: LaneServer, chunks: readonly Buffer[]): Promise<Buffer> {
  const known = to.sockets.length;
  const client = connect({ port: to.port, host: '127.0.0.1' });
  const pieces: Buffer[] = [];
  client.on('data', (piece: Buffer) => pieces.push(piece));
  client.on('error', () => {});
  const closed = new Promise<void>((resolve) => client.on('close', () => resolve()));
  let sentBytes = 0;
  const settled = async (): Promise<void> => {
    // A request whose body does not end is never answered: so turns are counted, more than any answer takes.
    for (let calm = 0; calm < (to.unanswered() > 0 ? 8 : 4); calm++) {
      await nextTurn();
      const socket = to.sockets[known];
      if (socket === undefined || (!socket.destroyed && socket.bytesRead < sentBytes)) calm = 0;
    }
  };
  await settled();
  for (const chunk of chunks) {
    if (client.destroyed || client.readableEnded) break;
    client.write(chunk);
    sentBytes += chunk.length;
    await settled();
  }
  client.end();
  await closed;
  return Buffer.concat(pieces);
}
