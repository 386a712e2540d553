import type { Socket } from 'node:net';
import type { Timers } from '../../components.js';
import { type ProxiedSource, parseProxyHeader } from './header.js';

export type TakenHeader =
  /** The connection goes on with what it said after the header, or from its first byte where there was none. */
  | { readonly is: 'header'; readonly source: ProxiedSource | undefined }
  | { readonly is: 'absent' }
  /** It does not go on. */
  | { readonly is: 'malformed' | 'timeout' | 'closed' };

/**
 * Takes the PROXY header off a connection that nobody else reads yet. What came after it is given back to the socket,
 * so that the server finds it as if it had just arrived.
 */
export function takeProxyHeader(
  socket: Socket,
  { timers, timeoutMs }: { readonly timers: Timers; readonly timeoutMs: number },
  done: (taken: TakenHeader) => void,
): void {
  let held: Buffer = Buffer.alloc(0);
  const settle = (taken: TakenHeader): void => {
    cancelTimeout();
    socket.off('readable', onReadable);
    for (const event of ['end', 'close'] as const) socket.off(event, onClose);
    socket.off('error', onError);
    done(taken);
  };
  const onError = (): void => {
    socket.destroy();
  };
  const onClose = (): void => settle({ is: 'closed' });
  const onReadable = (): void => {
    for (;;) {
      const piece: unknown = socket.read();
      if (!Buffer.isBuffer(piece)) return;
      held = held.length === 0 ? piece : Buffer.concat([held, piece]);
      const found = parseProxyHeader(held);
      if (found.is === 'incomplete') continue;
      if (found.is !== 'malformed') {
        const rest = found.is === 'header' ? held.subarray(found.bytes) : held;
        if (rest.length > 0) socket.unshift(rest);
      }
      settle(found);
      return;
    }
  };
  const cancelTimeout = timers.after(timeoutMs, () => settle({ is: 'timeout' }));
  socket.on('readable', onReadable);
  socket.on('end', onClose);
  socket.on('close', onClose);
  socket.on('error', onError);
}
