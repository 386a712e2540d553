import type { HeldSegment } from '../swarm/swarm.js';
import { FakeDigests, FakeEdge } from '../transfer/fakes.js';
import { LinkEstimate } from '../transfer/link-estimate.js';
import type { Acquired } from '../transfer/segment.js';
import { Sharing } from '../transfer/sharing.js';
import { Transfer } from '../transfer/transfer.js';
import { nodeSha256 } from './media.js';
import type { SwarmFixture, TestPlayer } from './swarm-fixture.js';

/** How one segment was got. */
export interface Got {
  /** What the player was given is what the edge has. */
  readonly right: boolean;
  readonly tookMs: number;
  readonly edgeBytes: number;
  /** By peer. */
  readonly peerBytes: Readonly<Record<string, number>>;
}

export interface Wanting {
  /** When the playhead needs it, from now on. Default 6,000 ms. */
  readonly withinMs?: number;
}

/** Gets segments for a player of the fixture as a session does: with the real mesh, transfer and verification. */
export class Attacked {
  readonly player: TestPlayer;
  /** What was wasted, and who was blamed. */
  wastedBytes = 0;
  readonly blamed: string[] = [];
  readonly #world: SwarmFixture;
  readonly #link = new LinkEstimate();

  constructor(world: SwarmFixture, player: TestPlayer) {
    this.#world = world;
    this.player = player;
    this.#link.edge({ startedAt: 0, firstAt: 20, endedAt: 1020, loadedBytes: 2e6 });
  }

  /** Waits until the player has it. Throws when it never comes. */
  async get(segment: HeldSegment, { withinMs = 6_000 }: Wanting = {}): Promise<Got> {
    const { time } = this.#world;
    const { clock, timers } = time;
    const swarm = this.player.mesh;
    const digests = new FakeDigests();
    digests.known = segment.digest;
    const edge = new FakeEdge(time, segment.bytes);
    const startedAt = clock.now();
    const deadline = startedAt + withinMs;
    const outcome: { acquired?: Acquired; failed?: boolean } = {};
    const { path } = segment.digest;
    const transfer = new Transfer(
      {
        ...{ clock, timers, swarm, digests, sha256: nodeSha256, link: this.#link },
        sharing: new Sharing({ timers, swarm, digests, sha256: nodeSha256 }),
        ledger: {
          edge: () => {},
          peers: () => {},
          hashFailed: () => {},
          wasted: (bytes) => {
            this.wastedBytes += bytes;
          },
        },
        expectingUntil: () => 0,
        uploads: () => true,
        onBlame: (peer) => this.blamed.push(peer),
      },
      {
        segment: {
          name: segment.name,
          location: { path, sequence: segment.name.sequence, playlistPath: '/v/index.m3u8', live: false },
        },
        edge,
        expectedBytes: segment.bytes.length,
        durationMs: 2_000,
        need: () => ({ deadline, startUp: false }),
      },
      {
        onDone: (acquired) => Object.assign(outcome, { acquired }),
        onFailed: () => Object.assign(outcome, { failed: true }),
      },
    );
    transfer.start();
    await time.advanceUntil(() => outcome.acquired !== undefined || outcome.failed === true);
    if (outcome.acquired === undefined) throw new Error('the segment never came');
    const { bytes, edgeBytes, peerBytes } = outcome.acquired;
    return {
      right: Buffer.compare(bytes, segment.bytes) === 0,
      tookMs: clock.now() - startedAt,
      edgeBytes,
      peerBytes: Object.fromEntries(peerBytes),
    };
  }

  /** Whether what the player keeps for others under this name is right; undefined: it keeps nothing. */
  keepsRight(segment: HeldSegment): boolean | undefined {
    const held = this.player.mesh.held(segment.digest.root);
    return held === undefined ? undefined : Buffer.compare(held.bytes, segment.bytes) === 0;
  }
}
