/** As much of a WebSocket as the room needs. */
export interface Socket {
  send(text: string): void;
  close(): void;
}

export interface SocketEvents {
  onOpen(): void;
  onText(text: string): void;
  onBinary(bytes: Uint8Array): void;
  /** However it ended, a failed opening included. */
  onClose(reason: string): void;
}

/** Opens a socket; may throw when the address is refused at once (a page over https and an edge over http, say). */
export type OpenSocket = (url: string, events: SocketEvents) => Socket;

/** The browser's own. */
export const openWebSocket: OpenSocket = (url, events) => {
  const socket = new WebSocket(url);
  socket.binaryType = 'arraybuffer';
  socket.onopen = () => events.onOpen();
  socket.onmessage = ({ data }) => {
    if (typeof data === 'string') events.onText(data);
    else if (data instanceof ArrayBuffer) events.onBinary(new Uint8Array(data));
  };
  socket.onclose = ({ code, reason }) => events.onClose(reason === '' ? `socket closed (${code})` : reason);
  return {
    send: (text) => {
      if (socket.readyState === WebSocket.OPEN) socket.send(text);
    },
    close: () => socket.close(),
  };
};

/** The same, with each message's bytes told: characters of text, which is ASCII but for odd names. */
export function countedSocket(open: OpenSocket, count: (bytes: number) => void): OpenSocket {
  return (url, events) => {
    const socket = open(url, {
      onOpen: () => events.onOpen(),
      onText: (text) => {
        count(text.length);
        events.onText(text);
      },
      onBinary: (bytes) => {
        count(bytes.length);
        events.onBinary(bytes);
      },
      onClose: (reason) => events.onClose(reason),
    });
    return {
      send: (text) => {
        count(text.length);
        socket.send(text);
      },
      close: () => socket.close(),
    };
  };
}
