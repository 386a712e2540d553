import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { outputOf } from '../process/commands.js';

/** A certificate for loopback that signs itself. */
export interface Certificate {
  readonly certFile: string;
  readonly keyFile: string;
  /** The same as `certFile` holds: what a client is to trust. */
  readonly ca: string;
}

/** Makes one in `folder` (ECDSA P-256, two days). `openssl` is the path of the program. */
export async function makeCertificate(openssl: string, folder: string): Promise<Certificate> {
  const [certFile, keyFile] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
  await outputOf(openssl, [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'],
    ...['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1,DNS:localhost'],
    ...['-keyout', keyFile, '-out', certFile],
  ]);
  return { certFile, keyFile, ca: await readFile(certFile, 'utf8') };
}

/** What a TLS server agrees on with a client that has no wishes, such as `TLSv1.3 TLS_AES_256_GCM_SHA384`. */
export async function agreedTls(port: number, ca: string): Promise<string> {
  return await new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', ca, ALPNProtocols: ['http/1.1'] }, () => {
      const agreed = `${socket.getProtocol()} ${socket.getCipher().standardName}`;
      socket.destroy();
      resolve(agreed);
    });
    socket.once('error', reject);
  });
}
