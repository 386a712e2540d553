import type { Sha256 } from '@eddy/protocol';
import type { Clock, Timers } from '../components.js';
import { DigestIndex } from '../digests/digest-index.js';
import { positionOf } from '../hls/playhead.js';
import { Segments, type SegmentsComponents } from '../hls/segments.js';
import { Mesh } from '../mesh/mesh.js';
import type { RoomClient } from '../signaling/room-client.js';
import { StatusReporter } from '../signaling/status-reporter.js';
import { Sharing } from '../transfer/sharing.js';
import type { Admission } from './admission.js';
import { PeerExpectation } from './expectation.js';
import { LimitedRoom } from './limited-room.js';
import { PatientRoom } from './patient-room.js';
import type { PlaybackComponents, PlaybackEvents, PlaybackOptions } from './playback-components.js';
import type { SegmentReport, SessionStats } from './stats.js';

const MAX_REPORTS = 64;

export interface ExchangeComponents
  extends Pick<PlaybackComponents, 'player' | 'transport' | 'fetch' | 'codec' | 'allocate' | 'schedule'>,
    Pick<SegmentsComponents, 'ledger' | 'link'> {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly sha256: Sha256;
  readonly room: RoomClient;
  readonly admission: Pick<Admission, 'active' | 'mode' | 'uploading'>;
  /** What peers gave is laid to each of them. */
  readonly gave: (peer: string, bytes: number) => void;
}

export type ExchangeOptions = Pick<
  PlaybackOptions,
  'memoryBytes' | 'maxPeers' | 'uploadBytesPerSecond' | 'blockQuery'
>;

/** What others have a part in. */
export type ExchangeFigures = Pick<
  SessionStats,
  'self' | 'peers' | 'memoryBytes' | 'uploadedBytes' | 'heldBytes' | 'blamedPeers' | 'segments'
>;

/**
 * All of a playback that other viewers have a part in: channels, digests, what is taken from them and kept for them.
 * There is none before segments may be had from others, and where they may not, the page does without its cost.
 */
export class Exchange {
  readonly segments: Segments;
  readonly #limited: LimitedRoom;
  readonly #meeting: PatientRoom;
  readonly #mesh: Mesh;
  readonly #digests: DigestIndex;
  readonly #expectation: PeerExpectation;
  readonly #sharing: Sharing;
  readonly #status: StatusReporter;
  readonly #reports: SegmentReport[] = [];
  #memoryBytes = 0;
  #blamedPeers = 0;

  constructor(components: ExchangeComponents, options: ExchangeOptions, events: PlaybackEvents) {
    const { clock, timers, player, sha256, admission, gave } = components;
    const { memoryBytes, maxPeers, uploadBytesPerSecond, blockQuery } = options;
    const edgesRoom = components.room;
    this.#limited = new LimitedRoom(edgesRoom, {
      ...{ maxPeers, uploadBytesPerSecond },
      mode: () => admission.mode,
    });
    this.#meeting = new PatientRoom({ room: this.#limited, timers });
    const room = this.#meeting;
    this.#mesh = new Mesh(
      { ...components, room },
      {
        memoryBytes,
        onPeerEnd: (peer, end, wasReady) => {
          if (end.kind === 'breach' || end.kind === 'silent') this.#blamedPeers++;
          // An attempt that one of the two gave up was no channel yet.
          if (!wasReady && (end.kind === 'closed' || end.kind === 'farewell')) return;
          events.onPeerEnd(peer, `${end.kind}: ${end.reason}`);
        },
      },
    );
    const swarm = this.#mesh;
    swarm.onChange(() => events.onChange());
    this.#digests = new DigestIndex(components, {
      get edge() {
        return edgesRoom.edge;
      },
      blockQuery,
    });
    const digests = this.#digests;
    this.#expectation = new PeerExpectation({ clock, room, swarm });
    this.#sharing = new Sharing({ timers, swarm, digests, sha256 });
    this.segments = new Segments({
      ...components,
      ...{ swarm, digests, sharing: this.#sharing },
      expectingUntil: () => this.#expectation.until,
      uploads: () => admission.uploading === 'on',
      active: () => admission.active,
      onBlame: () => {
        this.#blamedPeers++;
      },
      onReport: (report) => {
        this.#memoryBytes += report.memoryBytes;
        for (const [peer, bytes] of Object.entries(report.peers)) gave(peer, bytes);
        this.#reports.push(report);
        if (this.#reports.length > MAX_REPORTS) this.#reports.shift();
        events.onSegment(report);
      },
    });
    this.#status = new StatusReporter({
      ...{ timers, room: edgesRoom, swarm },
      positionMs: () => positionOf(player),
    });
  }

  get peers(): number {
    return this.#mesh.peers().length;
  }

  get uploadedBytes(): number {
    return this.#mesh.uploadedBytes;
  }

  get figures(): ExchangeFigures {
    const { self, uploadedBytes, heldBytes } = this.#mesh;
    return {
      ...{ self, uploadedBytes, heldBytes, peers: this.peers },
      memoryBytes: this.#memoryBytes,
      blamedPeers: this.#blamedPeers,
      segments: [...this.#reports],
    };
  }

  /** The picture has begun: channels may be opened. */
  begin(): void {
    this.#meeting.open();
  }

  /** What may be done has changed. */
  refresh(): void {
    this.#limited.refresh();
  }

  /** Tells the others, and ends. */
  close(): void {
    this.segments.close();
    this.#sharing.close();
    this.#status.close();
    this.#expectation.close();
    this.#meeting.close();
    this.#mesh.close();
    this.#digests.close();
  }
}
