import { connect, type Socket } from 'node:net';
import { readStatically } from '../hot/static-read.js';
import type { WholeRequest, WholeRequestReader } from '../hot/whole-request.js';
import { formatGreeting } from './tunnel-greeting.js';
import type { TunnelAddress } from './tunnel-listener.js';

export interface FrontConnectionComponents {
  readonly socket: Socket;
  readonly reader: WholeRequestReader;
  /** Answers by one write, or returns false and has done nothing. */
  readonly answer: (request: WholeRequest, socket: Socket) => boolean;
}

export interface FrontConnectionOptions {
  readonly slot: number;
  readonly tunnel: number;
  readonly owner: TunnelAddress;
  readonly headersMs: number;
  readonly keepAliveMs: number;
  readonly stalledMs: number;
}

/** Counts of a tunnel's bytes at which the owner has answered everything. */
export interface Between {
  readonly readBytes: number;
  readonly writtenBytes: number;
}

/**
 * A client's connection at a front. Plain requests for hot objects are answered here; with the first other one, all
 * goes through a tunnel to the owner as it comes, until the owner says that it has answered everything and all of that
 * has come through.
 */
export class FrontConnection {
  readonly #socket: Socket;
  readonly #components: FrontConnectionComponents;
  readonly #options: FrontConnectionOptions;
  #tunnel: Socket | undefined;
  #tunnelled = false;
  #answered = false;
  /** Bytes from the tunnel that the client's socket has taken. */
  #broughtBytes = 0;
  #between: Between | undefined;
  #stopping = false;

  constructor(components: FrontConnectionComponents, options: FrontConnectionOptions) {
    const { socket } = components;
    this.#socket = socket;
    this.#components = components;
    this.#options = options;
    socket.setTimeout(options.headersMs, () => this.#onTimeout());
    socket.on('error', () => {});
    socket.on('data', (chunk: Buffer) => this.#onData(chunk));
    socket.on('end', () => this.#onEnd());
    socket.on('drain', () => this.#onDrain());
    socket.on('close', () => this.#tunnel?.destroy());
    readStatically(socket, (chunk) => {
      if (!this.#tunnelled && socket.readableLength === 0 && this.#answers(chunk)) return true;
      return socket.push(Buffer.from(chunk));
    });
  }

  /** The owner's word, which may be late: then it does not fit any more. */
  answeredAll(between: Between): void {
    this.#between = between;
    this.#returnIfBetween();
  }

  /** Ends between two requests. What is tunnelled now stays so: the owner ends the tunnel, and with it the client's. */
  stop(): void {
    this.#stopping = true;
    if (!this.#tunnelled) this.#socket.destroySoon();
  }

  #onData(chunk: Buffer): void {
    if (!this.#tunnelled) {
      // Nobody answers it, and what was asked for before is still going out.
      if (this.#stopping || this.#answers(chunk)) return;
      this.#tunnelled = true;
      this.#between = undefined;
      // The owner's times count now.
      this.#socket.setTimeout(0);
    }
    const tunnel = this.#tunnel ?? this.#open();
    if (!tunnel.write(chunk)) this.#socket.pause();
  }

  #answers(chunk: Buffer): boolean {
    const { reader, socket, answer } = this.#components;
    const request = reader.read(chunk);
    if (request?.plain !== true || socket.writableLength > 0 || !answer(request, socket)) return false;
    this.#afterAnswer();
    return true;
  }

  #afterAnswer(): void {
    const { keepAliveMs, stalledMs } = this.#options;
    if (this.#socket.writableNeedDrain) this.#socket.setTimeout(stalledMs);
    else if (!this.#answered) this.#socket.setTimeout(keepAliveMs);
    this.#answered = true;
  }

  #open(): Socket {
    const { slot, tunnel: id, owner } = this.#options;
    const client = this.#socket;
    const tunnel = connect({ port: owner.port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
    this.#tunnel = tunnel;
    this.#broughtBytes = 0;
    const { remoteAddress: address = '0.0.0.0', remotePort: port = 0 } = client;
    tunnel.write(formatGreeting({ secret: owner.secret, slot, tunnel: id, address, port }), 'latin1');
    tunnel.on('error', () => {
      if (this.#tunnelled) client.resetAndDestroy();
    });
    tunnel.on('data', (chunk: Buffer) => {
      this.#broughtBytes += chunk.length;
      if (!client.write(chunk)) tunnel.pause();
      this.#returnIfBetween();
    });
    tunnel.on('drain', () => client.resume());
    tunnel.on('end', () => {
      if (this.#tunnelled) client.end();
      tunnel.end();
    });
    tunnel.on('close', () => {
      this.#tunnel = undefined;
      // Between two requests the owner may close what it does not hear from; the client need not know.
      if (this.#tunnelled) client.destroySoon();
    });
    return tunnel;
  }

  #returnIfBetween(): void {
    // The owner may have said it before the stop, of bytes that come only now; nobody would end what is taken back.
    if (this.#stopping) return;
    const [tunnel, between] = [this.#tunnel, this.#between];
    if (!this.#tunnelled || tunnel === undefined || between === undefined) return;
    if (tunnel.bytesWritten !== between.readBytes || this.#broughtBytes !== between.writtenBytes) return;
    if (tunnel.readableEnded || this.#socket.readableEnded) return;
    this.#tunnelled = false;
    this.#between = undefined;
    this.#answered = true;
    this.#socket.setTimeout(this.#options.keepAliveMs);
  }

  #onDrain(): void {
    this.#tunnel?.resume();
    if (!this.#tunnelled) this.#socket.setTimeout(this.#options.keepAliveMs);
  }

  #onEnd(): void {
    if (this.#tunnelled) this.#tunnel?.end();
    else this.#socket.end();
  }

  #onTimeout(): void {
    this.#socket.destroy();
  }
}
