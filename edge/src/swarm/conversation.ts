import {
  type PlayerMessage,
  PROTOCOL_VERSION,
  ProtocolError,
  parsePlayerMessage,
  STATUS_EVERY_MS,
} from '@eddy/protocol';
import type { Clock, Timers } from '../components.js';
import { badVersion, type Line, type Meeting, type Participant, type Refusal } from './meeting.js';
import type { SwarmMetrics } from './metrics.js';
import type { Visit } from './pass.js';
import { presentationPath } from './rooms/room-name.js';
import { Term } from './sockets/term.js';
import { TokenBucket } from './sockets/token-bucket.js';

export interface ConversationComponents {
  readonly meeting: Meeting;
  readonly line: Line;
  readonly clock: Clock;
  /** Since the epoch. */
  readonly wallClock: Clock;
  readonly timers: Timers;
  readonly metrics: SwarmMetrics;
  /** The player's token has ended. */
  readonly onExpired: (refusal: Refusal) => void;
}

export interface ConversationOptions {
  readonly visit: Visit;
  readonly messagesPerSecond: number;
  readonly messageBurst: number;
}

/** What follows from a message for its socket. */
export type Verdict =
  | { readonly go: 'on' | 'joined' | 'leave' }
  | { readonly go: 'refuse'; readonly refusal: Refusal };

/** A message of this many bytes counts as one; larger ones as several. */
const BYTES_OF_ONE_MESSAGE = 4096;
/** Timers of players are not exact. */
const STATUS_SLACK = 0.8;
/** Tokens that are not good, after which no other one is asked for. */
const MAX_BAD_TOKENS = 3;
/** With less time left, asking again is of no use. */
const TIME_TO_ASK_MS = 5_000;

/** One player's side of the talk: `join` comes first and once, everything is limited before it is read. */
export class Conversation {
  readonly #components: ConversationComponents;
  readonly #visit: Visit;
  readonly #bucket: TokenBucket;
  readonly #term: Term;
  #pass: Visit['pass'];
  #participant: Participant | undefined;
  #statusAtMs = Number.NEGATIVE_INFINITY;
  #badTokens = 0;
  #over = false;

  constructor(components: ConversationComponents, { visit, ...limits }: ConversationOptions) {
    this.#components = components;
    this.#visit = visit;
    this.#pass = visit.pass;
    this.#bucket = new TokenBucket(
      { capacity: limits.messageBurst, perSecond: limits.messagesPerSecond },
      components.clock.now(),
    );
    this.#term = new Term(components, {
      onEnding: (withinMs) => components.line.tell({ type: 'renew', withinMs: Math.floor(withinMs) }),
      onEnded: () => {
        if (this.#participant !== undefined) components.meeting.expel(this.#participant);
        components.onExpired({
          reason: 'token-expired',
          message: 'The token has ended: come back with another one.',
          retry: true,
        });
      },
    });
    this.#term.set(visit.pass.endsAtMs);
  }

  /** `text` is undefined for a binary message. */
  hear(text: string | undefined): Verdict {
    const cost = 1 + Math.floor((text?.length ?? 0) / BYTES_OF_ONE_MESSAGE);
    if (!this.#bucket.take(cost, this.#components.clock.now())) {
      return refuse('too-fast', 'Too many messages: slow down and come back later.', true);
    }
    if (text === undefined) return refuse('bad-message', 'Players send text messages only.', false);
    let message: PlayerMessage;
    try {
      message = parsePlayerMessage(text);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      if (this.#participant !== undefined && error.code === 'bad-type') {
        // A newer player may have more to say.
        this.#components.metrics.refusal('unknown-message');
        return { go: 'on' };
      }
      const version = this.#participant === undefined ? joinVersion(text) : undefined;
      if (version !== undefined && version !== PROTOCOL_VERSION) {
        return { go: 'refuse', refusal: badVersion(version) };
      }
      return refuse('bad-message', error.message.slice(0, 512), false);
    }
    const verdict = this.#act(message);
    if (verdict.go !== 'refuse') this.#components.metrics.message(message.type);
    return verdict;
  }

  /** The socket is gone, or will be. */
  end(): void {
    this.#over = true;
    this.#term.close();
    if (this.#participant !== undefined) this.#components.meeting.leave(this.#participant);
    this.#participant = undefined;
  }

  #act(message: PlayerMessage): Verdict {
    const { meeting, line } = this.#components;
    if (message.type === 'leave') return { go: 'leave' };
    if (message.type === 'join') {
      if (this.#participant !== undefined) {
        return refuse('already-joined', 'One socket joins once: open another one.', false);
      }
      const path = presentationPath(message.presentation);
      if (path !== undefined && !this.#pass.allows(path)) {
        return refuse('token-path', 'The token is for other presentations.', false);
      }
      const outcome = meeting.join(line, { ...this.#visit, pass: () => this.#pass }, message);
      if ('refusal' in outcome) return { go: 'refuse', refusal: outcome.refusal };
      this.#participant = outcome.participant;
      return { go: 'joined' };
    }
    const participant = this.#participant;
    if (participant === undefined) return refuse('not-joined', 'The first message must be "join".', false);
    switch (message.type) {
      case 'signal':
        meeting.signal(participant, message);
        break;
      case 'want-digests':
        meeting.want(participant, message.segments);
        break;
      case 'peer-failed':
        meeting.fail(participant, message);
        break;
      case 'status':
        if (this.#isTimeForStatus()) meeting.status(participant, message);
        else this.#components.metrics.refusal('status-too-soon');
        break;
      case 'token':
        void this.#renew(participant, message.token);
        break;
    }
    return { go: 'on' };
  }

  #isTimeForStatus(): boolean {
    const now = this.#components.clock.now();
    if (now - this.#statusAtMs < STATUS_EVERY_MS * STATUS_SLACK) return false;
    this.#statusAtMs = now;
    return true;
  }

  /** A token that is not good, or not for this room, changes nothing: the old one ends when it ends. */
  async #renew({ presentation }: Participant, token: string): Promise<void> {
    const { metrics, line } = this.#components;
    const pass = this.#badTokens >= MAX_BAD_TOKENS ? undefined : await this.#visit.renew(token);
    if (this.#over) return;
    if (pass?.allows(presentation) === true) {
      metrics.tokenRenewed();
      this.#badTokens = 0;
      this.#pass = pass;
      this.#term.set(pass.endsAtMs);
      return;
    }
    metrics.refusal('token-renewal');
    this.#badTokens++;
    const { leftMs } = this.#term;
    if (this.#badTokens < MAX_BAD_TOKENS && Number.isFinite(leftMs) && leftMs > TIME_TO_ASK_MS) {
      line.tell({ type: 'renew', withinMs: Math.floor(leftMs) });
    }
  }
}

function refuse(reason: Refusal['reason'], message: string, retry: boolean): Verdict {
  return { go: 'refuse', refusal: { reason, message, retry } };
}

/** The version of a join that could not be read: another version's may have other fields. */
function joinVersion(text: string): number | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null || !('type' in value) || value.type !== 'join')
    return undefined;
  return 'version' in value && typeof value.version === 'number' ? value.version : undefined;
}
