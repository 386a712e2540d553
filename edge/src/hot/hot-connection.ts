import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { readStatically } from './static-read.js';
import type { WholeRequest, WholeRequestReader } from './whole-request.js';

/** True: by one write. A promise: until it resolves. False: not at all. */
export type Answered = boolean | Promise<void>;

export interface HotConnectionComponents {
  readonly socket: Socket;
  readonly reader: WholeRequestReader;
  /** Returns false and has done nothing, or answers. A promise never rejects. */
  readonly answer: (request: WholeRequest, socket: Socket) => Answered;
  /** Gives the socket to `node:http`, as its server does with one that it has just accepted. */
  readonly adopt: (socket: Socket) => void;
  /** Nothing at all came in time. */
  readonly onSilence: (socket: Socket) => void;
  /** All that came is answered. */
  readonly onBetween: ((socket: Socket) => void) | undefined;
}

export interface HotConnectionOptions {
  /** Until the first bytes. */
  readonly headersMs: number;
  /** Between two requests. */
  readonly keepAliveMs: number;
  /** While a client takes nothing of what is being sent; 0 for ever. */
  readonly stalledMs: number;
  /** Read into one buffer for all connections, where this Node can. Default true. */
  readonly staticReads?: boolean;
}

type DataListener = (chunk: Buffer) => void;

/**
 * Who reads the connection:
 * - `lane`: what came so far was whole requests, all answered; the next chunk is looked at here first.
 * - `node`: `node:http` reads; chunks are only watched, to see where requests end.
 * - `released`: upgraded to another protocol or closed; not ours any more.
 */
type Reader = 'lane' | 'node' | 'released';

/**
 * One connection of a server with a hot lane. It is given to `node:http` with the first chunk that is not a plain
 * request, and comes back once that has answered everything and is known to stand between two requests: the last chunk
 * was one whole request by itself, and `node:http` saw exactly that one in it.
 */
export class HotConnection {
  readonly #socket: Socket;
  readonly #components: HotConnectionComponents;
  readonly #options: HotConnectionOptions;
  #mode: Reader = 'lane';
  /** How `node:http` listens for data, once it has the socket. */
  #feed: DataListener | undefined;
  #answered = false;
  #stalling = false;
  /** The lane is giving an answer that takes its time; what comes meanwhile is held. */
  #answering = false;
  #holds = false;
  /** Requests that `node:http` has not answered yet. */
  #inFlight = 0;
  /** The last chunk, if it was one whole request, and how many requests `node:http` saw since. */
  #whole: WholeRequest | undefined;
  #seen = 0;
  #betweenRequests = true;
  #bytesWhenSettled = 0;

  constructor(components: HotConnectionComponents, options: HotConnectionOptions) {
    const { socket } = components;
    this.#socket = socket;
    this.#components = components;
    this.#options = options;
    socket.setTimeout(options.headersMs);
    socket.on('timeout', this.#onTimeout);
    socket.on('error', this.#onError);
    socket.on('end', this.#onEnd);
    socket.on('drain', this.#onDrain);
    socket.on('data', this.#onData);
    if (options.staticReads !== false) readStatically(socket, this.#onRead);
  }

  /** Tells of each request that `node:http` reads from this connection, before it is handled. */
  track(request: IncomingMessage, response: ServerResponse): void {
    const whole = this.#whole;
    this.#seen++;
    this.#inFlight++;
    // What came before the chunk and was not a whole request would be part of this one: another target, or more fields.
    this.#betweenRequests =
      whole !== undefined &&
      this.#seen === 1 &&
      request.method === whole.method &&
      request.url === whole.target &&
      request.rawHeaders.length === 2 * whole.fieldCount;
    response.once('close', this.#onSettled);
  }

  /** Ends the connection if it is between two requests; what is still being sent goes out first. */
  endIfIdle(): void {
    if (this.#released() || this.#answering) return;
    if (this.#mode === 'lane') this.#socket.destroySoon();
    else if (this.#inFlight === 0 && this.#socket.bytesRead === this.#bytesWhenSettled)
      this.#socket.destroy();
  }

  /** Ends it now, unless it has become another protocol's. */
  destroy(): void {
    if (!this.#released()) this.#socket.destroy();
  }

  #released(): boolean {
    // An upgrade takes `node:http`'s listener away and tells nobody else.
    if (
      this.#mode === 'node' &&
      this.#feed !== undefined &&
      !this.#socket.listeners('data').includes(this.#feed)
    )
      this.#mode = 'released';
    return this.#mode === 'released';
  }

  /** Before the socket has it; the bytes are ours only until this returns. */
  readonly #onRead = (chunk: Buffer): boolean => {
    const socket = this.#socket;
    if (this.#answering) this.#hold();
    // What was read before the server had the socket comes first.
    if (this.#mode !== 'lane' || this.#holds || socket.readableLength > 0)
      return socket.push(Buffer.from(chunk));
    const request = this.#components.reader.read(chunk);
    if (!this.#answers(request)) this.#handOver(Buffer.from(chunk), request);
    return true;
  };

  #answers(request: WholeRequest | undefined): boolean {
    // One answer at a time: whoever asks on without taking it is held back by `node:http`.
    if (request?.plain !== true || this.#socket.writableLength > 0) return false;
    const answered = this.#components.answer(request, this.#socket);
    if (answered === false) return false;
    if (answered === true) this.#afterAnswer();
    else this.#waitFor(answered, request.method === 'POST');
    return true;
  }

  /** @param isWord It comes in one piece, which nobody can stall: the longer time between requests will do. */
  #waitFor(answered: Promise<void>, isWord: boolean): void {
    const { keepAliveMs, stalledMs } = this.#options;
    this.#answering = true;
    this.#answered = true;
    this.#allow(isWord && stalledMs > 0 ? Math.max(keepAliveMs, stalledMs) : stalledMs);
    void answered.then(() => {
      this.#answering = false;
      if (this.#socket.destroyed) return;
      this.#allow(keepAliveMs);
      this.#afterAnswer();
    });
  }

  /** Each new timer is garbage for as long as it runs. */
  #allow(ms: number): void {
    if (this.#socket.timeout !== ms) this.#socket.setTimeout(ms);
  }

  /** As `node:http` does with requests behind one that it answers. */
  #hold(): void {
    this.#holds = true;
    this.#socket.pause();
  }

  readonly #onData = (chunk: Buffer): void => {
    if (this.#answering) {
      this.#hold();
      this.#socket.unshift(chunk);
    } else if (this.#mode === 'lane') {
      const request = this.#components.reader.read(chunk);
      if (!this.#answers(request)) this.#handOver(chunk, request);
    } else if (this.#released()) {
      this.#socket.off('data', this.#onData);
    } else {
      this.#watch(this.#components.reader.read(chunk));
    }
  };

  #afterAnswer(): void {
    const { keepAliveMs, stalledMs } = this.#options;
    if (!this.#answered) {
      this.#answered = true;
      this.#socket.setTimeout(keepAliveMs);
    }
    if (this.#socket.writableNeedDrain) {
      this.#stalling = true;
      this.#socket.setTimeout(stalledMs);
    }
    if (this.#holds) {
      this.#holds = false;
      this.#socket.resume();
    } else this.#components.onBetween?.(this.#socket);
  }

  #watch(whole: WholeRequest | undefined): void {
    this.#whole = whole;
    this.#seen = 0;
    this.#betweenRequests = false;
  }

  #handOver(chunk: Buffer, request: WholeRequest | undefined): void {
    const socket = this.#socket;
    this.#mode = 'node';
    socket.off('data', this.#onData);
    if (this.#feed === undefined) {
      socket.off('timeout', this.#onTimeout);
      socket.off('error', this.#onError);
      socket.off('end', this.#onEnd);
      this.#feed = dataListenerOf(socket, this.#components.adopt);
    }
    socket.off('data', this.#feed);
    // Listening here makes `node:http` read through events, in this order.
    socket.on('data', this.#onData);
    socket.on('data', this.#feed);
    this.#stalling = false;
    this.#bytesWhenSettled = -1;
    this.#watch(request);
    this.#feed.call(socket, chunk);
  }

  readonly #onSettled = (): void => {
    this.#inFlight--;
    const socket = this.#socket;
    this.#bytesWhenSettled = socket.bytesRead;
    if (this.#inFlight > 0 || !this.#betweenRequests || this.#feed === undefined) return;
    if (socket.destroyed || !socket.writable || socket.isPaused() || this.#released()) return;
    socket.off('data', this.#feed);
    this.#mode = 'lane';
    // `node:http` has set the time for the next request.
    this.#answered = true;
    this.#components.onBetween?.(socket);
  };

  readonly #onDrain = (): void => {
    if (!this.#stalling || this.#mode !== 'lane') return;
    this.#stalling = false;
    this.#socket.setTimeout(this.#options.keepAliveMs);
  };

  /** The three below are for a socket that `node:http` has not seen yet; afterwards it does the same. */
  readonly #onTimeout = (): void => {
    if (this.#answered) this.#socket.destroy();
    else this.#components.onSilence(this.#socket);
  };

  readonly #onEnd = (): void => {
    this.#socket.end();
  };

  /** The socket closes by itself. */
  readonly #onError = (): void => {};
}

/** The listener that `adopt` adds. */
function dataListenerOf(socket: Socket, adopt: (socket: Socket) => void): DataListener {
  let found: DataListener | undefined;
  const onNew = (event: string, listener: DataListener): void => {
    if (event === 'data') found = listener;
  };
  socket.on('newListener', onNew);
  adopt(socket);
  socket.off('newListener', onNew);
  if (found === undefined) throw new TypeError('node:http does not listen to the socket it was given');
  return found;
}
