import type { Socket } from 'node:net';
import type { ObjectTier } from '../cache/memory-tier.js';
import type { ResponseHead } from '../cache/stored-response.js';
import type { Streaming } from '../fill/fill.js';
import type { FillTable } from '../fill/fill-table.js';
import type { PassMarks } from '../fill/pass-marks.js';
import { hotHead, sendHot } from '../hot/hot-answer.js';
import type { EdgeCounters } from '../telemetry/edge-counters.js';
import { type FollowedResponse, followBody } from './body-sender.js';
import { saidOfStreaming } from './fill-followers.js';
import { targetKey } from './hit-path.js';
import { responseFields } from './response-head.js';
import type { SendTurns } from './send-turns.js';
import type { Site } from './site.js';

export interface FillLaneComponents {
  readonly tier: Pick<ObjectTier, 'peek'>;
  readonly table: Pick<FillTable, 'get'>;
  readonly marks: Pick<PassMarks, 'get'>;
  readonly counters: EdgeCounters;
  readonly turns: SendTurns;
}

/**
 * Answers a plain GET by a page of `origin` with what is being filled, as `node:http` would; resolves when all of it is
 * with the socket or that is closed. Undefined: it needs thought, and nothing was done.
 */
export type FillLane = (
  site: Site,
  target: string,
  origin: string | undefined,
  socket: Socket,
) => Promise<void> | undefined;

/**
 * The common case of a live segment: hundreds ask for what is on its way, and its head is the same for all. Through
 * `node:http` each costs ten times as much, and all of them stand between the first and his first byte.
 */
export function createFillLane(
  { tier, table, marks, counters, turns }: FillLaneComponents,
  { keepAliveMs }: { readonly keepAliveMs: number },
): FillLane {
  const heads = new WeakMap<ResponseHead, { readonly words: readonly string[]; readonly bytes: Buffer }>();

  function headOf(streaming: Streaming, words: readonly string[]): Buffer {
    const { head } = streaming;
    const known = heads.get(head);
    if (known?.words === words) return known.bytes;
    const said = saidOfStreaming(streaming, { forward: 'uri-miss', collapsed: true }, words);
    const bytes = Buffer.from(
      hotHead(responseFields(head, { is: 'whole' }, said), { keepAliveMs }),
      'latin1',
    );
    heads.set(head, { words, bytes });
    return bytes;
  }

  return (site, target, origin, socket) => {
    const key = targetKey(site, target);
    const fill = table.get(key);
    const streaming = fill?.settled;
    if (fill === undefined || streaming?.is !== 'streaming' || !isForAll(streaming)) return undefined;
    // Where there is a stale one it may be sent meanwhile.
    if (tier.peek(key) !== undefined || marks.get(key) !== undefined) return undefined;
    const { head, tee } = streaming;
    const response = new LaneResponse(socket, headOf(streaming, site.cors.fields(origin)));
    const reader = tee.reader();
    const onBytes = (count: number): void => {
      counters.responseBytes.collapsed += count;
    };
    fill.enter();
    counters.count('collapsed', 0);
    return followBody({ reader, response, turns, onBytes }, head.totalBytes)
      .then(
        () => {},
        () => {
          // The fill has said why, once for all its readers.
          counters.cuts++;
          socket.destroy();
        },
      )
      .finally(() => {
        reader.close();
        fill.leave();
      });
  };
}

/** A 200 of a known length which whoever asks plainly may have. */
function isForAll({ head, shared, vary }: Streaming): boolean {
  return shared && vary.length === 0 && head.status === 200 && (head.totalBytes ?? 0) > 0;
}

/** A response over a socket that is kept afterwards; its head leaves with the first bytes. */
class LaneResponse implements FollowedResponse {
  readonly #socket: Socket;
  #head: Buffer | undefined;

  constructor(socket: Socket, head: Buffer) {
    this.#socket = socket;
    this.#head = head;
  }

  get destroyed(): boolean {
    return this.#socket.destroyed;
  }

  write(piece: Buffer): boolean {
    const socket = this.#socket;
    // The client has ended it: the close comes by itself.
    if (!socket.writable) return false;
    const head = this.#head;
    this.#head = undefined;
    if (head === undefined) return socket.write(piece);
    sendHot({ first: head, rest: piece, bodyBytes: piece.length }, socket);
    return !socket.writableNeedDrain;
  }

  flushHeaders(): void {
    if (this.#head !== undefined && this.#socket.writable) this.#socket.write(this.#head);
    this.#head = undefined;
  }

  end(last?: Buffer): void {
    if (last !== undefined) this.write(last);
  }

  on(event: 'drain' | 'close', run: () => void): void {
    this.#socket.on(event, run);
  }

  off(event: 'drain' | 'close', run: () => void): void {
    this.#socket.off(event, run);
  }
}
