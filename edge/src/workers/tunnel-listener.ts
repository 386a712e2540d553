import { randomBytes, timingSafeEqual } from 'node:crypto';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { MAX_GREETING_BYTES, parseGreeting, type TunnelGreeting } from './tunnel-greeting.js';

export interface TunnelAddress {
  /** On 127.0.0.1. */
  readonly port: number;
  readonly secret: string;
}

export interface TunnelListener {
  readonly address: TunnelAddress;
  close(): void;
}

/**
 * Where fronts bring the connections that they do not answer, byte for byte. Over TCP, since a response that is cut
 * must reach the client as a reset. Whoever does not know the secret is cut off.
 */
export async function openTunnelListener(
  onTunnel: (socket: Socket, greeting: TunnelGreeting) => void,
): Promise<TunnelListener> {
  const secret = randomBytes(32).toString('hex');
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) =>
    greet(socket, secret, onTunnel),
  );
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, resolve);
  });
  const { port } = server.address() as AddressInfo;
  return { address: { port, secret }, close: () => void server.close() };
}

const GREETING_MS = 5000;

function greet(
  socket: Socket,
  secret: string,
  onTunnel: (socket: Socket, greeting: TunnelGreeting) => void,
): void {
  let held: Buffer = Buffer.alloc(0);
  const onFailure = (): void => void socket.destroy();
  const onData = (chunk: Buffer): void => {
    held = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
    const end = held.indexOf('\n');
    if (end === -1 && held.length < MAX_GREETING_BYTES) return;
    const greeting = end === -1 ? undefined : parseGreeting(held.toString('latin1', 0, end));
    if (greeting === undefined || !timingSafeEqual(Buffer.from(greeting.secret), Buffer.from(secret))) {
      socket.destroy();
      return;
    }
    socket.off('data', onData);
    for (const event of ['error', 'end', 'timeout']) socket.off(event, onFailure);
    // As for a connection of its own: limits and logs ask the socket.
    Object.defineProperty(socket, 'remoteAddress', { value: greeting.address });
    Object.defineProperty(socket, 'remotePort', { value: greeting.port });
    socket.pause();
    if (end + 1 < held.length) socket.unshift(held.subarray(end + 1));
    onTunnel(socket, greeting);
    socket.resume();
  };
  socket.setTimeout(GREETING_MS);
  for (const event of ['error', 'end', 'timeout']) socket.on(event, onFailure);
  socket.on('data', onData);
}
