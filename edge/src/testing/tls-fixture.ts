import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { type ClientHttp2Session, connect as connectHttp2, type IncomingHttpHeaders } from 'node:http2';
import { join } from 'node:path';
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from 'node:tls';
import { pathToFileURL } from 'node:url';
import type { RunningEdge } from '../edge.js';
import { CERTIFICATE_ONE, CERTIFICATE_TWO, type TestCertificate } from './certificates.js';
import { type Cleanup, startTestEdge, temporaryFolder } from './edge-fixture.js';

/** What a client of the fixture believes, and the name that it asks for. */
export const trust: ConnectionOptions & { readonly ca: string[] } = {
  ca: [CERTIFICATE_ONE.cert, CERTIFICATE_TWO.cert],
  servername: 'localhost',
};

export interface TlsEdge {
  readonly edge: RunningEdge;
  readonly port: number;
  readonly certFile: string;
  write(certificate: TestCertificate): Promise<void>;
}

/** An edge with two certificates and one file. */
export async function tlsEdge(
  cleanup: Cleanup,
  settings: Record<string, unknown> = {},
  more: Record<string, unknown> = {},
): Promise<TlsEdge> {
  const folder = await temporaryFolder(cleanup);
  const [certFile, keyFile] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
  const write = async ({ cert, key }: TestCertificate): Promise<void> => {
    await Promise.all([writeFile(certFile, cert), writeFile(keyFile, key)]);
  };
  await write(CERTIFICATE_ONE);
  await writeFile(join(folder, 'two.crt'), CERTIFICATE_TWO.cert);
  await writeFile(join(folder, 'two.key'), CERTIFICATE_TWO.key);
  const origin = await temporaryFolder(cleanup);
  await writeFile(join(origin, 'a.m4s'), '0123456789');
  const two = { hosts: ['two.example'], certFile: join(folder, 'two.crt'), keyFile: join(folder, 'two.key') };
  const edge = await startTestEdge(cleanup, {
    origin: { url: pathToFileURL(origin).href },
    tls: { listen: '127.0.0.1:0', certFile, keyFile, certificates: [two], ...more },
    ...settings,
  });
  return { edge, port: edge.tls?.port ?? 0, certFile, write };
}

export async function handshake(
  cleanup: Cleanup,
  port: number,
  options: ConnectionOptions = {},
): Promise<TLSSocket> {
  const socket = connectTls({ host: '127.0.0.1', port, ...trust, ...options });
  socket.on('error', () => {});
  cleanup.add(async () => socket.destroy());
  await once(socket, 'secureConnect');
  return socket;
}

export function session(cleanup: Cleanup, port: number): ClientHttp2Session {
  const client = connectHttp2(`https://127.0.0.1:${port}`, trust);
  client.on('error', () => {});
  cleanup.add(async () => client.destroy());
  return client;
}

export interface Http2Answer {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly code: number;
}

/** Once the stream is closed, however that came. */
export function ask2(
  client: ClientHttp2Session,
  headers: Record<string, string>,
  body?: string,
): Promise<Http2Answer> {
  return new Promise((resolve) => {
    const request = client.request(
      { ':authority': 'localhost', ...headers },
      { endStream: body === undefined },
    );
    let answered: IncomingHttpHeaders = {};
    let text = '';
    request.on('response', (received) => {
      answered = received;
    });
    request.setEncoding('utf8').on('data', (piece: string) => {
      text += piece;
    });
    request.on('error', () => {});
    request.on('close', () => resolve({ headers: answered, body: text, code: request.rstCode }));
    if (body !== undefined) request.end(body);
  });
}
