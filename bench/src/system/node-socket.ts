import type { OpenSocket } from '@eddy/player-sdk/internal';
import { WebSocket } from 'ws';

/** What the SDK's own socket does in a page, over `ws`. */
export const openNodeSocket: OpenSocket = (url, events) => {
  const socket = new WebSocket(url, { perMessageDeflate: false });
  socket.binaryType = 'nodebuffer';
  socket.on('open', () => events.onOpen());
  socket.on('message', (data: Buffer, binary: boolean) => {
    if (binary) events.onBinary(new Uint8Array(data));
    else events.onText(data.toString('utf8'));
  });
  // `close` follows.
  socket.on('error', () => {});
  socket.on('close', (code, reason) =>
    events.onClose(reason.length === 0 ? `socket closed (${code})` : reason.toString()),
  );
  return {
    send: (text) => {
      if (socket.readyState === WebSocket.OPEN) socket.send(text);
    },
    close: () => socket.close(),
  };
};
