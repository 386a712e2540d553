import { connect, type Socket } from 'node:net';
import { AnswerReader, type AnswerSink } from './answer-reader.js';

/** One buffer for all connections: what was read is used up before the next read. */
const READ_BYTES = 256 * 1024;
const shared = Buffer.allocUnsafeSlow(READ_BYTES);

export interface ConnectionEvents extends AnswerSink {
  /** It ended or failed, by us or by the other side; told once. */
  readonly onClose: (error: Error | undefined) => void;
}

/** A connection that writes prepared requests and reads answers without keeping them. */
export interface KeepAliveConnection {
  readonly send: (request: Buffer | string) => void;
  readonly close: () => void;
}

/** `host` is an address. Default: loopback. */
export async function openConnection(
  port: number,
  events: ConnectionEvents,
  host = '127.0.0.1',
): Promise<KeepAliveConnection> {
  const reader = new AnswerReader(events);
  let socket: Socket;
  let failure: Error | undefined;
  let told = false;
  const onread = {
    buffer: shared,
    callback: (length: number): boolean => {
      try {
        reader.push(shared.subarray(0, length));
        return true;
      } catch (error) {
        failure = error instanceof Error ? error : new Error(String(error));
        socket.destroy();
        return false;
      }
    },
  };
  return await new Promise((resolve, reject) => {
    let open = false;
    socket = connect({ port, host, noDelay: true, onread }, () => {
      open = true;
      resolve({ send: (request) => socket.write(request), close: () => socket.destroy() });
    });
    socket.on('error', (error) => {
      failure ??= error;
    });
    socket.on('end', () => socket.destroy());
    socket.on('close', () => {
      if (!open) reject(failure ?? new Error('closed before it was open'));
      else if (!told)
        events.onClose(failure ?? (reader.midAnswer ? new Error('cut in mid-answer') : undefined));
      told = true;
    });
  });
}

/** `count` connections, at most `atOnce` of them opening at a time. */
export async function openConnections<T>(
  count: number,
  atOnce: number,
  open: (index: number) => Promise<T>,
): Promise<T[]> {
  const opened = new Array<T>(count);
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let index = next++; index < count; index = next++) opened[index] = await open(index);
  };
  await Promise.all(Array.from({ length: Math.min(count, atOnce) }, worker));
  return opened;
}
