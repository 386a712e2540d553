import type { Socket } from 'node:net';
import { BEACON_PATH } from '@eddy/protocol';
import type { Clock } from '../../components.js';
import { fieldsFor } from './beacon-routes.js';
import type { Answer, Receive } from './receive.js';

/** A POST that was read before `node:http`. */
export interface HotPost {
  /** Without a token. */
  readonly target: string;
  readonly origin: string | undefined;
  readonly userAgent: string | undefined;
  /** The `Host` field. */
  readonly host: string;
  readonly body: string;
}

/** Resolves when beacons are answered. Undefined: they are none, and nothing was done. Never rejects. */
export type BeaconLane = (
  post: HotPost,
  from: { readonly address: string | undefined; readonly site: string },
  socket: Socket,
) => Promise<void> | undefined;

const REASONS = {
  204: 'No Content',
  400: 'Bad Request',
  413: 'Content Too Large',
  503: 'Service Unavailable',
};

/**
 * Beacons come by the hundred a second, each over a connection of its own, and `node:http` costs more than all that is
 * done with them (docs/decisions/0188).
 */
export function createBeaconLane(
  components: {
    readonly receive: Receive;
    /** Since the epoch. */
    readonly wallClock: Clock;
    readonly onError: (error: unknown) => void;
  },
  { keepAliveMs }: { readonly keepAliveMs: number },
): BeaconLane {
  const { receive, wallClock, onError } = components;
  const connection =
    keepAliveMs > 0
      ? `Connection: keep-alive\r\nKeep-Alive: timeout=${Math.floor(keepAliveMs / 1000)}\r\n`
      : 'Connection: keep-alive\r\n';
  let second = -1;
  let date = '';
  /** Most pages are of one origin, and most answers say the same. */
  let known:
    | { readonly origin: string | undefined; readonly date: string; readonly text: string }
    | undefined;

  function dateNow(): string {
    const nowMs = wallClock.now();
    if (Math.floor(nowMs / 1000) !== second) {
      second = Math.floor(nowMs / 1000);
      date = new Date(nowMs).toUTCString();
    }
    return date;
  }

  function write({ status, text }: Answer, origin: string | undefined, socket: Socket): void {
    if (!socket.writable) return;
    const now = dateNow();
    if (status === 204 && known?.origin === origin && known?.date === now) {
      socket.write(known.text, 'latin1');
      return;
    }
    let head = `HTTP/1.1 ${status} ${REASONS[status]}\r\n`;
    for (const [name, value] of Object.entries(fieldsFor(origin))) head += `${name}: ${value}\r\n`;
    if (status === 503) head += 'Retry-After: 5\r\n';
    const body = text === undefined ? '' : `${text}\n`;
    if (text !== undefined) head += `Content-Type: text/plain; charset=UTF-8\r\n`;
    if (status !== 204) head += `Content-Length: ${Buffer.byteLength(body)}\r\n`;
    head += `Date: ${now}\r\n${connection}\r\n`;
    if (status === 204) known = { origin, date: now, text: head };
    socket.write(head + body);
  }

  return ({ target, origin, userAgent, host, body }, { address, site }, socket) => {
    if (target !== BEACON_PATH) return undefined;
    return receive(body, { address, userAgent, door: { site, host } }).then(
      (answer) => write(answer, origin, socket),
      (error: unknown) => {
        onError(error);
        write({ status: 503, text: 'Batches cannot be taken now.' }, origin, socket);
      },
    );
  };
}
