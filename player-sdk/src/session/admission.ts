import type { Arm, SwarmMode, Welcome } from '@eddy/protocol';
import type { Unsubscribe } from '../components.js';
import type { Manners } from '../manners/manners.js';
import type { Uploading } from '../manners/may-upload.js';
import type { RoomClient } from '../signaling/room-client.js';
import type { OffReason } from './stats.js';

export interface AdmissionComponents {
  readonly room: Pick<RoomClient, 'join' | 'stepOut' | 'leave' | 'subscribe'>;
  readonly manners: Manners;
}

export interface AdmissionOptions {
  /** Why this page cannot share; undefined: it can. */
  readonly obstacle: OffReason | undefined;
  readonly relayOnly: boolean;
  readonly waitForPlayback: boolean;
}

/** What the edge said of this viewer and for all. */
export interface SiteWord {
  readonly arm: Arm;
  readonly mode: SwarmMode;
}

const WILLING: SiteWord = { arm: 'treated', mode: 'on' };

/**
 * Whether this player is in its room: not without consent, not before the picture moves if so asked, and not where it
 * shares nothing.
 */
export class Admission {
  readonly #components: AdmissionComponents;
  readonly #options: AdmissionOptions;
  readonly #onChange: () => void;
  readonly #unsubscribe: readonly Unsubscribe[];
  #site: SiteWord | undefined;
  #wanted = false;
  #begun: boolean;
  #relayLacks = false;
  #closed = false;

  /** `onChange`: something that can be read here has changed. */
  constructor(components: AdmissionComponents, options: AdmissionOptions, onChange: () => void) {
    this.#components = components;
    this.#options = options;
    this.#onChange = onChange;
    this.#begun = !options.waitForPlayback;
    const { room, manners } = components;
    this.#unsubscribe = [
      room.subscribe({
        onWelcome: (welcome) => this.#onWelcome(welcome),
        onConfig: ({ mode }) => {
          if (this.#site !== undefined) this.#site = { ...this.#site, mode };
          onChange();
        },
      }),
      manners.onChange(() => this.#onManners()),
    ];
  }

  /** Why nothing is shared, whatever the site says; undefined: it may be. */
  get bar(): OffReason | undefined {
    const { obstacle } = this.#options;
    const { manners } = this.#components;
    if (obstacle !== undefined) return obstacle;
    if (!manners.consented) return 'no consent';
    if (!manners.viewerShares) return 'turned off by the viewer';
    return this.#relayLacks ? 'no relay' : undefined;
  }

  get site(): SiteWord | undefined {
    return this.#site;
  }

  /** For the picture to begin. */
  get waiting(): boolean {
    return !this.#begun;
  }

  /** Whether segments can be had from others, now or soon. */
  get active(): boolean {
    return this.#begun && this.bar === undefined && this.#site?.mode !== 'off';
  }

  get uploading(): Uploading {
    return this.#uploadingAs(this.#site);
  }

  /** Would upload if the site lets it. */
  get willing(): boolean {
    return this.#uploadingAs(WILLING) === 'on';
  }

  /** What page, device and viewer allow at most. */
  get mode(): SwarmMode {
    if (this.bar !== undefined) return 'off';
    return this.uploading === 'on' ? 'on' : 'leech';
  }

  /** The time has come to join, if it may be. */
  want(): void {
    this.#wanted = true;
    this.#attend();
  }

  /** The picture moves. */
  begin(): void {
    if (this.#begun) return;
    this.#begun = true;
    this.want();
    this.#onChange();
  }

  close(): void {
    this.#closed = true;
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    this.#components.room.leave();
  }

  #uploadingAs(site: SiteWord | undefined): Uploading {
    const { obstacle } = this.#options;
    return this.#components.manners.uploading({ site, peersOff: obstacle !== undefined || this.#relayLacks });
  }

  #attend(): void {
    if (this.#closed || !this.#wanted || !this.#begun || this.bar !== undefined) return;
    this.#components.room.join();
  }

  #onWelcome({ arm, config, iceServers }: Welcome): void {
    this.#site = { arm, mode: config.mode };
    this.#relayLacks = this.#options.relayOnly && !iceServers.some(({ urls }) => urls.some(isRelay));
    if (this.#relayLacks) this.#components.room.leave();
    this.#onChange();
  }

  #onManners(): void {
    const { room, manners } = this.#components;
    const away = this.bar !== undefined;
    // Others are told first: their goodbyes go over channels that the room knows of.
    this.#onChange();
    if (!manners.consented) this.#site = undefined;
    if (away) room.stepOut();
    else this.#attend();
    this.#onChange();
  }
}

function isRelay(url: string): boolean {
  return /^turns?:/i.test(url);
}
