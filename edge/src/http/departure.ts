/** As much of a response as is looked at. */
interface Closing {
  readonly destroyed: boolean;
  once(event: 'close', run: () => void): unknown;
}

/** When a client stops waiting: it leaves, or it has its answer. */
export class Departure {
  readonly #onLeave: () => void;
  #left = false;
  #gone: Promise<'gone'> | undefined;
  #resolve: (() => void) | undefined;

  constructor(response: Closing, onLeave: () => void) {
    this.#onLeave = onLeave;
    if (response.destroyed) this.leave();
    else response.once('close', this.leave);
  }

  /** Made when somebody waits for it: most answers are on their way before anybody does. */
  get gone(): Promise<'gone'> {
    this.#gone ??= new Promise((resolve) => {
      if (this.#left) resolve('gone');
      else this.#resolve = () => resolve('gone');
    });
    return this.#gone;
  }

  readonly leave = (): void => {
    if (this.#left) return;
    this.#left = true;
    this.#onLeave();
    this.#resolve?.();
  };
}
