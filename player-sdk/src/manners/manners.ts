import type { Clock, Timers, Unsubscribe } from '../components.js';
import { DayMeter } from './day-meter.js';
import type { Environment } from './environment.js';
import {
  mayUpload,
  nextLookAt,
  type Uploading,
  type UploadOption,
  type UploadSnapshot,
} from './may-upload.js';
import type { PageStorage } from './page-storage.js';

export interface MannersComponents {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly environment: Environment;
  readonly storage: PageStorage;
  readonly today: () => string;
}

export interface MannersOptions {
  readonly upload: UploadOption;
  /** 0: no cap. */
  readonly uploadBytesPerDay: number;
  readonly consent: 'not-needed' | 'required';
}

/** What the one who asks knows of its own stream. */
export type StreamSituation = Pick<UploadSnapshot, 'peersOff' | 'site'>;

const WISH_KEY = 'eddy-sharing';

/**
 * What the viewer, the device and the page allow: one for all that a session plays. Device and storage are looked at
 * once it depends on them: a page that shares nothing anyway does not pay for it.
 */
export class Manners {
  readonly meter: DayMeter;
  readonly #components: MannersComponents;
  readonly #options: MannersOptions;
  readonly #listeners = new Set<() => void>();
  #unsubscribe: readonly Unsubscribe[] = [];
  #attends = false;
  #consented: boolean;
  #cancelLook: () => void = () => {};

  constructor(components: MannersComponents, options: MannersOptions) {
    this.#components = components;
    this.#options = options;
    this.#consented = options.consent === 'not-needed';
    this.meter = new DayMeter(components);
  }

  get consented(): boolean {
    return this.#consented;
  }

  set consented(given: boolean) {
    if (given === this.#consented) return;
    this.#consented = given;
    this.changed();
  }

  /** The viewer's own wish; true until they said otherwise. Remembered on this device. */
  get viewerShares(): boolean {
    this.#attend();
    return this.#components.storage.get(WISH_KEY) !== 'off';
  }

  set viewerShares(shares: boolean) {
    const { storage } = this.#components;
    if (shares === this.viewerShares) return;
    if (shares) storage.remove(WISH_KEY);
    else storage.set(WISH_KEY, 'off');
  }

  uploading(stream: StreamSituation): Uploading {
    const { upload, uploadBytesPerDay } = this.#options;
    const manners = this;
    return mayUpload(
      {
        ...stream,
        option: upload,
        consented: this.#consented,
        uploadBytesPerDay,
        get viewerShares() {
          return manners.viewerShares;
        },
        get device() {
          manners.#attend();
          return manners.#components.environment.device;
        },
        get uploadedTodayBytes() {
          return manners.meter.bytes;
        },
      },
      this.#components.clock.now(),
    );
  }

  /** Called after anything that `uploading`, `consented` and `viewerShares` show may have changed. */
  onChange(listener: () => void): Unsubscribe {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  /** Something that only others see has changed: bytes were uploaded, say. */
  changed(): void {
    if (this.#attends) this.#lookLater();
    for (const listener of [...this.#listeners]) listener();
  }

  close(): void {
    this.#attends = true;
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    this.#cancelLook();
    this.#listeners.clear();
  }

  /** From now on changes of device and wish are heard. */
  #attend(): void {
    if (this.#attends) return;
    this.#attends = true;
    const { environment, storage } = this.#components;
    this.#unsubscribe = [
      environment.onChange(() => this.changed()),
      storage.onChange(WISH_KEY, () => this.changed()),
    ];
    this.#lookLater();
  }

  #lookLater(): void {
    this.#cancelLook();
    const { clock, timers, environment } = this.#components;
    const now = clock.now();
    const at = nextLookAt(environment.device, now);
    if (at !== undefined) this.#cancelLook = timers.after(at - now, () => this.changed());
  }
}
