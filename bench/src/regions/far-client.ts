/** `far-client.js WAYS`: relays TCP connections to places that are far, and prints a line once it listens. */
import { connect, createServer, type Socket } from 'node:net';
import type { FarWay } from './network.js';

function relay(from: Socket, to: Socket, oneWayMs: number): void {
  from.on('data', (bytes) => setTimeout(() => to.write(bytes), oneWayMs));
  from.once('end', () => setTimeout(() => to.end(), oneWayMs));
  from.once('error', () => to.destroy());
  from.once('close', () => setTimeout(() => to.destroy(), oneWayMs));
}

const { ways, oneWayMs }: { readonly ways: readonly FarWay[]; readonly oneWayMs: number } = JSON.parse(
  process.argv[2] ?? '',
);
const listening = ways.map(({ port, address, addressPort }) => {
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (near) => {
    const far = connect({ host: address, port: addressPort, noDelay: true, allowHalfOpen: true });
    relay(near, far, oneWayMs);
    relay(far, near, oneWayMs);
  });
  return new Promise<void>((resolve) => server.listen(port, '0.0.0.0', resolve));
});
await Promise.all(listening);
console.log('relays');
