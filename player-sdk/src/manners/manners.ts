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

/** What the viewer, the device and the page allow: one for all that a session plays. */
export class Manners {
  readonly meter: DayMeter;
  readonly #components: MannersComponents;
  readonly #options: MannersOptions;
  readonly #listeners = new Set<() => void>();
  readonly #unsubscribe: readonly Unsubscribe[];
  #consented: boolean;
  #cancelLook: () => void = () => {};

  constructor(components: MannersComponents, options: MannersOptions) {
    this.#components = components;
    this.#options = options;
    this.#consented = options.consent === 'not-needed';
    this.meter = new DayMeter(components);
    this.#unsubscribe = [
      components.environment.onChange(() => this.changed()),
      components.storage.onChange(WISH_KEY, () => this.changed()),
    ];
    this.#lookLater();
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
    return this.#components.storage.get(WISH_KEY) !== 'off';
  }

  set viewerShares(shares: boolean) {
    const { storage } = this.#components;
    if (shares === this.viewerShares) return;
    if (shares) storage.remove(WISH_KEY);
    else storage.set(WISH_KEY, 'off');
  }

  uploading(stream: StreamSituation): Uploading {
    return mayUpload({ ...this.#standing(), ...stream }, this.#components.clock.now());
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
    this.#lookLater();
    for (const listener of [...this.#listeners]) listener();
  }

  close(): void {
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    this.#cancelLook();
    this.#listeners.clear();
  }

  #standing(): Omit<UploadSnapshot, keyof StreamSituation> {
    const { upload, uploadBytesPerDay } = this.#options;
    return {
      option: upload,
      consented: this.consented,
      viewerShares: this.viewerShares,
      device: this.#components.environment.device,
      uploadedTodayBytes: this.meter.bytes,
      uploadBytesPerDay,
    };
  }

  #lookLater(): void {
    this.#cancelLook();
    const { clock, timers, environment } = this.#components;
    const now = clock.now();
    const at = nextLookAt(environment.device, now);
    if (at !== undefined) this.#cancelLook = timers.after(at - now, () => this.changed());
  }
}
