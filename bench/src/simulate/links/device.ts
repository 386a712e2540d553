import { Downlink } from './downlink.js';
import { FairLink, type LinkComponents } from './fair-link.js';
import type { Manner } from './manner.js';

export interface DeviceOptions {
  readonly index: number;
  readonly uploadBytesPerSecond: number;
  readonly downloadBytesPerSecond: number;
  /** One way, to the middle of the network; two viewers are their two apart. */
  readonly accessMs: number;
  /** One way, to the edge. */
  readonly edgeMs: number;
  /** How it treats other viewers. Undefined: as its session does. */
  readonly manner?: Manner | undefined;
}

/** As much of a channel as others than its transport need. */
interface DeviceConnection {
  readonly peer: Device | undefined;
  vanish(): void;
}

/** One viewer's place in the network. */
export class Device {
  readonly index: number;
  readonly accessMs: number;
  readonly edgeMs: number;
  readonly manner: Manner | undefined;
  readonly uplink: FairLink;
  readonly downlink: Downlink;
  readonly connections: Set<DeviceConnection> = new Set();
  /** Media that came from other viewers, right or wrong, wanted or not. */
  receivedPeerBytes = 0;

  constructor(components: LinkComponents, options: DeviceOptions) {
    this.index = options.index;
    this.accessMs = options.accessMs;
    this.edgeMs = options.edgeMs;
    this.manner = options.manner;
    this.uplink = new FairLink(components, options.uploadBytesPerSecond);
    this.downlink = new Downlink(options.downloadBytesPerSecond);
  }

  /** Viewers that a channel is open to. */
  get neighbours(): Device[] {
    return [...this.connections].flatMap(({ peer }) => peer ?? []);
  }

  /** Gone without a word. */
  vanish(): void {
    for (const connection of [...this.connections]) connection.vanish();
    this.connections.clear();
  }
}
