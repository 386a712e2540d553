import { connect, type Socket } from 'node:net';
import { BEACON_PATH, type Beacon, NO_COUNTERS, withSession, writeBeacon } from '@eddy/protocol';

/** Players that beacon, and connections that fetch media, at one edge. */
export interface BeaconPlan {
  readonly port: number;
  readonly players: number;
  /** Of each player. */
  readonly everyMs: number;
  readonly seconds: number;
  readonly streams: number;
  /** Media requests a second, all together. */
  readonly mediaPerSecond: number;
  readonly mediaPath: string;
  /** Told of batches acknowledged, when so many more are. */
  readonly tellEvery?: number;
  /** Names the batches, so that a second run sends others. */
  readonly run: string;
}

export interface BeaconResult {
  readonly sent: number;
  /** Names of batches that were answered 204. */
  readonly acknowledged: readonly string[];
  /** All that were sent. */
  readonly batches: readonly string[];
  readonly refused: number;
  readonly mediaAnswers: number;
  /** Of answers to beacons, milliseconds, in rising order. */
  readonly latenciesMs: readonly number[];
}

/** Each batch claims one byte from the edge, so that sums count batches. */
export function batchLine(batch: string, session: string, stream: number): string {
  // Figures of players have any number of digits, and so have the lengths of their requests.
  const dice = [...batch].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 9973, 7);
  const [one, other] = [Math.round(5 ** (dice % 10)), 900_000 + dice];
  const beacon: Beacon = {
    ...{ batch, session, presentation: `/catalogue/${stream}/master.m3u8`, arm: 'treated', peers: 6 },
    ...{ bitrateKbps: 3000, starvationsMs: [], errors: [] },
    from: [
      { peer: 'AAAAAAAAAAAAAAAA', bytes: one },
      { peer: 'BBBBBBBBBBBBBBBB', bytes: other },
    ],
    counters: {
      ...NO_COUNTERS,
      ...{ edgeBytes: 1, edgeMemoryBytes: 1, peerBytes: one + other, uploadedBytes: other },
      ...{ wastedBytes: 20_000, duplicateBytes: 20_000, signalingBytes: 900, watchedMs: 10_000 },
    },
  };
  return writeBeacon(beacon, { timeMs: Date.now(), sequence: 1 });
}

/** One connection that is kept, with one request at a time. */
class Connection {
  readonly #port: number;
  #socket: Socket | undefined;
  #onHead: ((status: string) => void) | undefined;
  #onLost: (() => void) | undefined;

  constructor(port: number) {
    this.#port = port;
  }

  get busy(): boolean {
    return this.#onHead !== undefined;
  }

  /** Resolves with the status, or undefined when the connection is lost. */
  send(request: string): Promise<string | undefined> {
    return new Promise((resolve) => {
      const settle = (status: string | undefined): void => {
        this.#onHead = undefined;
        this.#onLost = undefined;
        resolve(status);
      };
      this.#onHead = settle;
      this.#onLost = () => settle(undefined);
      this.#open().write(request);
    });
  }

  close(): void {
    this.#socket?.destroy();
  }

  #open(): Socket {
    if (this.#socket !== undefined && !this.#socket.destroyed) return this.#socket;
    const socket = connect({ port: this.#port, host: '127.0.0.1', noDelay: true });
    this.#socket = socket;
    socket.on('data', (piece: Buffer) => {
      // Answers to beacons are one piece; of media the head is what counts. It may come in one piece with the end of
      // the body before it, where this process is late.
      const at = piece.indexOf('HTTP/1.1 ');
      if (at !== -1) this.#onHead?.(piece.toString('latin1', at + 9, at + 12));
    });
    socket.on('error', () => {});
    socket.on('close', () => this.#onLost?.());
    return socket;
  }
}

/** As Chromium sends it. */
function post(line: string): string {
  return [
    `POST ${BEACON_PATH} HTTP/1.1`,
    ...['Host: edge.example', 'Connection: keep-alive', `Content-Length: ${Buffer.byteLength(line)}`],
    ...['sec-ch-ua-platform: "Linux"', 'sec-ch-ua: "Chromium";v="140", "Not=A?Brand";v="24"'],
    ...['sec-ch-ua-mobile: ?0', 'Content-Type: text/plain;charset=UTF-8', 'Accept: */*'],
    'User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36',
    ...['Origin: https://site.example', 'Sec-Fetch-Site: cross-site', 'Sec-Fetch-Mode: no-cors'],
    ...[
      'Sec-Fetch-Dest: empty',
      'Referer: https://site.example/',
      'Accept-Encoding: gzip, deflate, br, zstd',
    ],
    ...['Accept-Language: en-US,en;q=0.9', '', line],
  ].join('\r\n');
}

export async function runBeacons(plan: BeaconPlan, tell: (message: unknown) => void): Promise<BeaconResult> {
  const { port, players, everyMs, seconds, streams, mediaPerSecond, mediaPath, tellEvery = 0, run } = plan;
  const [acknowledged, batches, latenciesMs]: [string[], string[], number[]] = [[], [], []];
  let refused = 0;
  let mediaAnswers = 0;
  const open: Connection[] = [];
  const started = performance.now();
  const endMs = started + seconds * 1000;
  const beacons = Array.from({ length: players }, async (_, player) => {
    const connection = new Connection(port);
    open.push(connection);
    const session = `${run}-s${player}`;
    const stream = Math.floor(streams * (player / players) ** 2);
    for (let round = 0; ; round++) {
      const atMs = started + (player / players + round) * everyMs;
      if (atMs >= endMs) return;
      await until(atMs);
      const batch = `${run}-${player}-${round}`;
      batches.push(batch);
      const sentMs = performance.now();
      const status = await connection.send(post(batchLine(batch, session, stream)));
      latenciesMs.push(performance.now() - sentMs);
      if (status !== '204') {
        refused++;
        if (status === undefined) return;
        continue;
      }
      acknowledged.push(batch);
      if (tellEvery > 0 && acknowledged.length % tellEvery === 0) tell({ acknowledged: acknowledged.length });
    }
  });
  const lanes = mediaPerSecond === 0 ? 0 : 20;
  const media = Array.from({ length: lanes }, async (_, lane) => {
    const connection = new Connection(port);
    open.push(connection);
    for (let round = 0; ; round++) {
      const atMs = started + ((lane / lanes + round) * lanes * 1000) / mediaPerSecond;
      if (atMs >= endMs) return;
      await until(atMs);
      const target = withSession(mediaPath, `${run}-s${(lane + round * lanes) % Math.max(1, players)}`);
      const status = await connection.send(`GET ${target} HTTP/1.1\r\nHost: edge.example\r\n\r\n`);
      if (status === '200') mediaAnswers++;
    }
  });
  await Promise.all([...beacons, ...media]);
  for (const connection of open) connection.close();
  latenciesMs.sort((one, other) => one - other);
  return { sent: batches.length, acknowledged, batches, refused, mediaAnswers, latenciesMs };
}

function until(atMs: number): Promise<void> {
  const ms = atMs - performance.now();
  return ms <= 0 ? Promise.resolve() : new Promise((resolve) => setTimeout(resolve, ms));
}
