import { type PlayerMessage, PROTOCOL_VERSION, ProtocolError, parsePlayerMessage } from '@eddy/protocol';
import type { Clock } from '../components.js';
import { badVersion, type Line, type Meeting, type Participant, type Refusal } from './meeting.js';
import type { SwarmMetrics } from './metrics.js';
import { presentationPath } from './rooms/room-name.js';
import { TokenBucket } from './sockets/token-bucket.js';

export interface ConversationComponents {
  readonly meeting: Meeting;
  readonly line: Line;
  readonly clock: Clock;
  readonly metrics: SwarmMetrics;
}

export interface ConversationOptions {
  readonly site: string;
  readonly messagesPerSecond: number;
  readonly messageBurst: number;
  /** Whether this player may be in the room of a presentation. */
  readonly mayJoin: (presentationPath: string) => boolean;
}

/** What follows from a message for its socket. */
export type Verdict =
  | { readonly go: 'on' | 'joined' | 'leave' }
  | { readonly go: 'refuse'; readonly refusal: Refusal };

/** A message of this many bytes counts as one; larger ones as several. */
const BYTES_OF_ONE_MESSAGE = 4096;

/** One player's side of the talk: `join` comes first and once, everything is limited before it is read. */
export class Conversation {
  readonly #components: ConversationComponents;
  readonly #site: string;
  readonly #mayJoin: ConversationOptions['mayJoin'];
  readonly #bucket: TokenBucket;
  #participant: Participant | undefined;

  constructor(components: ConversationComponents, options: ConversationOptions) {
    this.#components = components;
    this.#site = options.site;
    this.#mayJoin = options.mayJoin;
    this.#bucket = new TokenBucket(
      { capacity: options.messageBurst, perSecond: options.messagesPerSecond },
      components.clock.now(),
    );
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
      if (path !== undefined && !this.#mayJoin(path)) {
        return refuse('token-path', 'The token is for other presentations.', false);
      }
      const outcome = meeting.join(line, this.#site, message);
      if ('refusal' in outcome) return { go: 'refuse', refusal: outcome.refusal };
      this.#participant = outcome.participant;
      return { go: 'joined' };
    }
    const participant = this.#participant;
    if (participant === undefined) return refuse('not-joined', 'The first message must be "join".', false);
    if (message.type === 'signal') meeting.signal(participant, message);
    else if (message.type === 'want-digests') meeting.want(participant, message.segments);
    else meeting.fail(participant, message.peer);
    return { go: 'on' };
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
