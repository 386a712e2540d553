import type { Clock, Unsubscribe } from '../components.js';
import type { Room } from '../signaling/room.js';
import type { Swarm } from '../swarm/swarm.js';

/** From opening the room's socket to the welcome and the first introductions. */
const JOINING_MS = 1_500;
/** From a welcome to the introductions, which follow at once. */
const WELCOMED_MS = 300;
/** From an introduction to an open channel. */
const CONNECTING_MS = 1_500;
/** From an open channel to what the peer holds. */
const GREETING_MS = 100;
/** With so many channels open, the others need not be waited for. */
const ENOUGH_PEERS = 2;

/** Whether peers are on their way: a full buffer may wait for them, lest a newcomer fill it from the edge alone. */
export class PeerExpectation {
  readonly #clock: Clock;
  readonly #swarm: Pick<Swarm, 'peers' | 'onChange'>;
  readonly #unsubscribe: readonly Unsubscribe[];
  #introduced = 0;
  #reached = false;
  #until: number;

  constructor({
    clock,
    room,
    swarm,
  }: { clock: Clock; room: Room; swarm: Pick<Swarm, 'peers' | 'onChange'> }) {
    this.#clock = clock;
    this.#swarm = swarm;
    this.#until = clock.now() + JOINING_MS;
    this.#unsubscribe = [
      room.subscribe({
        onWelcome: ({ config }) => this.#expect(config.mode === 'off' ? 0 : WELCOMED_MS),
        onPeers: ({ meet }) => this.#onIntroduced(meet.length),
        onConfig: ({ mode }) => mode === 'off' && this.#expect(0),
        onState: (state) => (state === 'away' || state === 'closed') && this.#expect(0),
      }),
      swarm.onChange(() => this.#onSwarm()),
    ];
  }

  /** Clock time; 0: nobody is expected. */
  get until(): number {
    return this.#until > this.#clock.now() ? this.#until : 0;
  }

  close(): void {
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
  }

  #onIntroduced(peers: number): void {
    this.#introduced += peers;
    if (peers > 0 && !this.#reached) this.#expect(CONNECTING_MS);
  }

  #onSwarm(): void {
    if (this.#reached || this.#introduced === 0) return;
    if (this.#swarm.peers().length < Math.min(this.#introduced, ENOUGH_PEERS)) return;
    this.#reached = true;
    this.#expect(GREETING_MS);
  }

  #expect(ms: number): void {
    this.#until = this.#clock.now() + ms;
  }
}
