import { type EdgeMessage, type PlayerMessage, PROTOCOL_VERSION, parsePlayerMessage } from '@eddy/protocol';
import type { OpenSocket, Socket, SocketEvents } from '../signaling/socket.js';

/** A socket whose other end is the test. */
export class FakeSocket implements Socket {
  readonly url: string;
  readonly events: SocketEvents;
  readonly sent: PlayerMessage[] = [];
  closed = false;

  constructor(url: string, events: SocketEvents) {
    this.url = url;
    this.events = events;
  }

  send(text: string): void {
    this.sent.push(parsePlayerMessage(text));
  }

  close(): void {
    this.closed = true;
  }

  say(message: EdgeMessage): void {
    this.events.onText(JSON.stringify(message));
  }

  /** Opens, and lets the player in. */
  admit(peer = 'me'): void {
    this.events.onOpen();
    this.say({
      type: 'welcome',
      version: PROTOCOL_VERSION,
      peer,
      room: 'site/video',
      arm: 'treated',
      config: { mode: 'on', maxPeers: 8, uploadBytesPerSecond: 0 },
      iceServers: [],
    });
  }
}

/** Opens fake sockets, and keeps them for the test. */
export function fakeSockets(): { readonly sockets: FakeSocket[]; readonly openSocket: OpenSocket } {
  const sockets: FakeSocket[] = [];
  return {
    sockets,
    openSocket: (url, events) => {
      const socket = new FakeSocket(url, events);
      sockets.push(socket);
      return socket;
    },
  };
}
