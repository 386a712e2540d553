import type { SwarmRefusal } from '../metrics.js';

/** Counts open sockets, so that one too many is refused before it costs anything. */
export class Admission {
  readonly #limits: { readonly sockets: number; readonly socketsPerAddress: number };
  readonly #byAddress = new Map<string, number>();
  #open = 0;

  constructor(limits: { readonly sockets: number; readonly socketsPerAddress: number }) {
    this.#limits = limits;
  }

  get open(): number {
    return this.#open;
  }

  /** A refusal, or nothing: then the socket is counted until `release`. */
  admit(address: string): SwarmRefusal | undefined {
    const fromAddress = this.#byAddress.get(address) ?? 0;
    if (this.#open >= this.#limits.sockets) return 'too-many-sockets';
    if (fromAddress >= this.#limits.socketsPerAddress) return 'too-many-sockets-from-address';
    this.#open += 1;
    this.#byAddress.set(address, fromAddress + 1);
    return undefined;
  }

  release(address: string): void {
    this.#open -= 1;
    const left = (this.#byAddress.get(address) ?? 1) - 1;
    if (left > 0) this.#byAddress.set(address, left);
    else this.#byAddress.delete(address);
  }
}
