import type { EdgeMessage } from '@eddy/protocol';
import type { Clock, Random, Timers } from '../components.js';
import type { SegmentDigests } from '../digests/segment-digests.js';
import { DEFAULT_SWARM_CONFIG, type SwarmServiceConfig } from './config.js';
import { Conversation } from './conversation.js';
import type { FederatedRooms, Outside } from './federation/outside.js';
import { NOWHERE } from './matching/place.js';
import { type Line, Meeting } from './meeting.js';
import type { SwarmMetrics } from './metrics.js';
import { FREE_PASS } from './pass.js';

export { DEFAULT_SWARM_CONFIG, type Line, type SwarmServiceConfig };

export interface MeetingPlaceComponents {
  readonly digests: Pick<SegmentDigests, 'find' | 'onKnown'>;
  /** Monotonic. */
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  /** A name that no other viewer has. */
  readonly newName: () => string;
  /** Viewers of other edges. Default: there are none. */
  readonly federate?: ((rooms: FederatedRooms) => Outside) | undefined;
}

/** One player's side of the talk. */
export interface Guest {
  hear(text: string): void;
  /** It is gone, with or without a word. */
  end(): void;
}

const UNCOUNTED: SwarmMetrics = {
  message: () => {},
  refusal: () => {},
  digestsPushed: () => {},
  peerFailed: () => {},
  tokenRenewed: () => {},
  iceRenewed: () => {},
  purgeTold: () => {},
  roomsChanged: () => {},
};

/** The swarm service without its sockets: rooms, matching, wants and limits, for a simulation to talk to. */
export class MeetingPlace {
  readonly #components: MeetingPlaceComponents;
  readonly #config: SwarmServiceConfig;
  readonly #meeting: Meeting;

  constructor(components: MeetingPlaceComponents, config: SwarmServiceConfig = DEFAULT_SWARM_CONFIG) {
    this.#components = components;
    this.#config = config;
    this.#meeting = new Meeting(
      { ...components, wallClock: components.clock, placeOf: () => NOWHERE, metrics: UNCOUNTED },
      config,
    );
  }

  close(): void {
    this.#meeting.close();
  }

  /** `onRefused`: what was said is not accepted, the socket would close after the message. */
  enter(line: Line, site: string, onRefused: (error: EdgeMessage) => void): Guest {
    const { clock, timers } = this.#components;
    const visit = {
      site,
      sitePrefix: '',
      address: undefined,
      pass: FREE_PASS,
      renew: () => Promise.resolve(FREE_PASS),
    };
    const conversation = new Conversation(
      {
        meeting: this.#meeting,
        line,
        clock,
        wallClock: clock,
        timers,
        metrics: UNCOUNTED,
        onExpired: () => {},
      },
      { visit, ...this.#config.limits },
    );
    return {
      hear: (text) => {
        const verdict = conversation.hear(text);
        if (verdict.go === 'leave') conversation.end();
        if (verdict.go !== 'refuse') return;
        const { reason, message, retry } = verdict.refusal;
        conversation.end();
        onRefused({ type: 'error', code: reason, message, retry });
      },
      end: () => conversation.end(),
    };
  }
}
