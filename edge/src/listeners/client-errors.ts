import { type Server, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { formatRefusedStatus } from '../http/cache-status.js';
import { REFUSALS, type RefusalReason } from '../refusals/refusals.js';

/** Answers what Node's parser could not read, by name as everything else. */
export function answerClientErrors(server: Server, onRefused: (reason: RefusalReason) => void): void {
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    if (error.code === 'ECONNRESET' || !socket.writable) {
      socket.destroy();
      return;
    }
    const reason = reasonOf(error.code);
    onRefused(reason);
    const { status, message } = REFUSALS[reason];
    const body = `${JSON.stringify({ error: reason, message })}\n`;
    const lines = [
      `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
      'Connection: close',
      'Content-Type: application/json',
      `Content-Length: ${Buffer.byteLength(body)}`,
      `Cache-Status: ${formatRefusedStatus(reason)}`,
    ];
    socket.end(`${lines.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy());
  });
}

function reasonOf(code: string | undefined): RefusalReason {
  if (code === 'HPE_HEADER_OVERFLOW') return 'headers-too-large';
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return 'request-timeout';
  return 'bad-request';
}
