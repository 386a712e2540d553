import { createServer } from 'node:http';
import { type WebSocket, WebSocketServer } from 'ws';

/** What WebTorrent clients say; ids are binary strings. */
interface Announce {
  readonly action?: unknown;
  readonly event?: unknown;
  readonly info_hash?: unknown;
  readonly peer_id?: unknown;
  readonly to_peer_id?: unknown;
  readonly answer?: unknown;
  readonly offer_id?: unknown;
  readonly offers?: readonly { readonly offer: unknown; readonly offer_id: unknown }[];
}

/** How often clients announce themselves again; that of the public trackers. */
const INTERVAL_SECONDS = 120;

export interface Tracker {
  readonly port: number;
  readonly stop: () => Promise<void>;
}

/** A WebTorrent tracker for the peers that are compared with: hands each offer to one member of the swarm. */
export async function startTracker(random: () => number): Promise<Tracker> {
  const swarms = new Map<string, Map<string, WebSocket>>();
  const http = createServer();
  const sockets = new WebSocketServer({ server: http });

  function hear(socket: WebSocket, message: Announce): void {
    const { info_hash: hash, peer_id: self } = message;
    if (message.action !== 'announce' || typeof hash !== 'string' || typeof self !== 'string') return;
    const swarm = swarms.get(hash) ?? new Map<string, WebSocket>();
    swarms.set(hash, swarm);
    const say = (to: WebSocket | undefined, words: object): void =>
      to?.send(JSON.stringify({ action: 'announce', info_hash: hash, ...words }));
    if (message.event === 'stopped') {
      swarm.delete(self);
      return;
    }
    if (message.answer !== undefined) {
      const { answer, offer_id } = message;
      say(swarm.get(String(message.to_peer_id)), { answer, offer_id, peer_id: self });
      return;
    }
    if (swarm.get(self) !== socket) {
      swarm.set(self, socket);
      socket.once('close', () => swarm.delete(self));
    }
    say(socket, { interval: INTERVAL_SECONDS, complete: 0, incomplete: swarm.size });
    const others = [...swarm].filter(([id]) => id !== self);
    for (const { offer, offer_id } of message.offers ?? []) {
      const [chosen] = others.splice(Math.floor(random() * others.length), 1);
      if (chosen === undefined) break;
      say(chosen[1], { offer, offer_id, peer_id: self });
    }
  }

  sockets.on('connection', (socket) => {
    socket.on('message', (data) => hear(socket, JSON.parse(String(data)) as Announce));
    socket.on('error', () => socket.terminate());
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const bound = http.address();
  if (bound === null || typeof bound === 'string') throw new Error('a TCP server has no port');
  return {
    port: bound.port,
    stop: async () => {
      for (const socket of sockets.clients) socket.terminate();
      await new Promise((resolve) => http.close(resolve));
    },
  };
}
