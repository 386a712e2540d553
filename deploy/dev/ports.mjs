import { createServer } from 'node:net';
import { Trouble } from './step.mjs';

export const HOST = '127.0.0.1';

/** A port from an environment variable. */
export function portFrom(environment, name, otherwise) {
  const text = environment[name];
  if (text === undefined || text === '') return otherwise;
  const port = Number(text);
  if (/^\d+$/.test(text) && port >= 1 && port <= 65_535) return port;
  throw new Trouble(`${name} must be a port from 1 to 65535; it is ${JSON.stringify(text)}.`);
}

function listenFailure(port) {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error) => resolve(error.code));
    server.listen(port, HOST, () => server.close(() => resolve(undefined)));
  });
}

/** Throws unless all ports, given by the variable that chooses them, differ and are free on loopback. */
export async function requireFree(ports) {
  for (const [name, port] of Object.entries(ports)) {
    const twin = Object.keys(ports).find((other) => other !== name && ports[other] === port);
    if (twin !== undefined)
      throw new Trouble(`${name} and ${twin} are both ${port}; give them different ports.`);
    const code = await listenFailure(port);
    if (code === undefined) continue;
    const why =
      code === 'EADDRINUSE'
        ? `is taken by another program`
        : code === 'EACCES'
          ? 'may not be opened by this user'
          : `cannot be opened (${code})`;
    throw new Trouble(
      `Port ${port} on ${HOST} ${why}.\nStop that program or choose another port: ${name}=${Math.min(port + 1000, 65_535)} npm start`,
    );
  }
}
