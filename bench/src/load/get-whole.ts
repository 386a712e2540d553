import { type IncomingMessage, request as plainRequest } from 'node:http';
import { request as tlsRequest } from 'node:https';

export interface WholeAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Buffer;
}

function headersOf(message: IncomingMessage): Headers {
  const headers = new Headers();
  for (let index = 0; index + 1 < message.rawHeaders.length; index += 2)
    headers.append(message.rawHeaders[index] ?? '', message.rawHeaders[index + 1] ?? '');
  return headers;
}

/** One GET on a connection of its own, over TLS with a certificate to trust where one is given. */
export async function getWhole(url: string, ca?: string): Promise<WholeAnswer> {
  return await new Promise((resolve, reject) => {
    const options = { agent: false, ...(ca === undefined ? {} : { ca }) } as const;
    const take = (message: IncomingMessage): void => {
      const parts: Buffer[] = [];
      message.on('data', (part: Buffer) => parts.push(part));
      message.once('error', reject);
      message.once('close', () => {
        if (!message.complete) reject(new Error(`${url} was cut`));
        else
          resolve({
            status: message.statusCode ?? 0,
            headers: headersOf(message),
            body: Buffer.concat(parts),
          });
      });
    };
    const sent = url.startsWith('https:') ? tlsRequest(url, options, take) : plainRequest(url, options, take);
    sent.once('error', reject).end();
  });
}
