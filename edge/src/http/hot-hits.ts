import type { Socket } from 'node:net';
import type { Gate, Passage } from '../access/gate.js';
import { sendHot } from '../hot/hot-answer.js';
import type { Answered } from '../hot/hot-connection.js';
import type { WholeRequest } from '../hot/whole-request.js';
import type { AccessLog } from '../telemetry/access-log.js';
import type { EdgeCounters } from '../telemetry/edge-counters.js';
import type { FillLane } from './fill-lane.js';
import type { HitIndex } from './hit-path.js';
import type { Site } from './site.js';

export interface HotHitsComponents {
  /** The site whose hits need no look at who asks; undefined: the gate is asked. */
  readonly open: Site | undefined;
  readonly gate: CarriedGate;
  readonly siteOf: (name: string) => Site;
  readonly hits: HitIndex;
  /** What is on its way to memory. */
  readonly fills: FillLane;
  readonly counters: EdgeCounters;
  readonly accessLog: AccessLog | undefined;
  /** What POSTs are answered with; undefined: by `node:http`. */
  readonly posts: HotPosts | undefined;
  /** Hears of each GET that is answered here. */
  readonly onAnswer: (site: Site, target: string) => void;
}

/** Answers a POST, or returns undefined and has done nothing. A promise never rejects. */
export type HotPosts = (
  request: WholeRequest,
  from: { readonly address: string | undefined; readonly site: string },
  socket: Socket,
) => Promise<void> | undefined;

/**
 * What a hot lane answers with. Where hits depend on who asks, the gate is asked as `node:http` would ask it; what is
 * not answered here goes on with the verdict that it has, so that nothing is judged or counted twice.
 */
export function createHotHits(
  components: HotHitsComponents,
): (request: WholeRequest, socket: Socket) => Answered {
  const { open, gate, siteOf, hits, counters, accessLog, posts, onAnswer } = components;
  const follow: FillLane = (site, target, origin, socket) => {
    const following = components.fills(site, target, origin, socket);
    if (following !== undefined) onAnswer(site, target);
    return following;
  };
  if (open !== undefined) {
    return (request, socket) => {
      const { target, origin } = request;
      if (request.method === 'POST') {
        return posts?.(request, { address: socket.remoteAddress, site: open.name }, socket) ?? false;
      }
      const answer = hits(open, target, origin);
      if (answer === undefined) return follow(open, target, origin, socket) ?? false;
      sendHot(answer, socket);
      counters.count('hit', 0);
      counters.body('hit', answer.bodyBytes, target);
      onAnswer(open, target);
      return true;
    };
  }

  return (request, socket) => {
    if (request.method === 'POST' && (posts === undefined || accessLog !== undefined)) return false;
    const passage = gate.judge(request, socket);
    if (passage instanceof Promise || 'refused' in passage) {
      gate.carry(socket, request.target, passage);
      return false;
    }
    const site = siteOf(passage.site.name);
    const { target } = passage;
    if (request.method === 'POST') {
      const posted = posts?.({ ...request, target }, { address: passage.address, site: site.name }, socket);
      if (posted === undefined) gate.carry(socket, request.target, passage);
      return posted ?? false;
    }
    const answer = hits(site, target, request.origin);
    if (answer === undefined) {
      // Those who are written down are watched to their end, which only `node:http` tells.
      const following = accessLog === undefined ? follow(site, target, request.origin, socket) : undefined;
      if (following !== undefined) return following;
      gate.carry(socket, request.target, passage);
      return false;
    }
    const onSent = accessLog?.hit(passage, answer.bodyBytes);
    sendHot(answer, socket, onSent);
    counters.count('hit', 0);
    counters.body('hit', answer.bodyBytes, target);
    onAnswer(site, target);
    return true;
  };
}

interface Carried {
  readonly target: string;
  readonly passage: Passage | Promise<Passage>;
}

/** A gate before which requests come once, though two readers of a connection may ask for them. */
export class CarriedGate {
  readonly #gate: Gate;
  readonly #carried = new WeakMap<object, Carried>();

  constructor(gate: Gate) {
    this.#gate = gate;
  }

  /** Of a request that was read before `node:http`. */
  judge({ method, target, host, cookie }: WholeRequest, socket: Socket): Passage | Promise<Passage> {
    return this.#gate({
      ...{ method, url: target, socket, rawHeaders: ['Host', host] },
      headers: cookie === undefined ? { host } : { host, cookie },
    });
  }

  /** `node:http` reads this request next on its connection. */
  carry(socket: Socket, target: string, passage: Carried['passage']): void {
    this.#carried.set(socket, { target, passage });
  }

  /** For `node:http`. */
  readonly pass: Gate = (request) => {
    const { socket } = request;
    const carried = this.#carried.get(socket);
    if (carried === undefined) return this.#gate(request);
    // Whether it fits or not: only the request that comes next can be the one.
    this.#carried.delete(socket);
    return carried.target === request.url ? carried.passage : this.#gate(request);
  };
}
