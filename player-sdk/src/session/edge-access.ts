import { splitTokenPath, tokenPath } from '@eddy/protocol';
import type { Random } from '../components.js';

/** Gives a token that is good from now on, in JWS compact form. */
export type GetToken = () => string | Promise<string>;

const TOKEN = /^[\w-]+\.[\w-]+\.[\w-]+$/;

export interface EdgeAccessOptions {
  /** Base URL of the edge, with a token in it or without. */
  readonly edge: string;
  readonly getToken?: GetToken | undefined;
}

/** Where the edge is, and with which token it is asked: both may change while a session runs. */
export class EdgeAccess {
  readonly #getToken: GetToken | undefined;
  #home: string;
  #base: string;
  /** Edges to go to when the one in use does not answer, before `alternatives`. */
  #others: string[] = [];
  /** Base URLs of edges that have the same, the best first. */
  alternatives: readonly string[] = [];

  constructor({ edge, getToken }: EdgeAccessOptions) {
    this.#base = edge;
    this.#home = edge;
    this.#getToken = getToken;
  }

  /** Base URL of the edge, with the newest token. */
  get base(): string {
    return this.#base;
  }

  /** Whether the page gives tokens. */
  get renews(): boolean {
    return this.#getToken !== undefined;
  }

  get hasToken(): boolean {
    const { pathname, search } = new URL(this.#base);
    return splitTokenPath(pathname).token !== undefined || search !== '';
  }

  /** Asks the page for a token and uses it from then on. Undefined: it gave none. Does not throw. */
  async renew(): Promise<string | undefined> {
    try {
      const token = await this.#getToken?.();
      if (typeof token !== 'string' || !TOKEN.test(token)) return undefined;
      this.#base = new URL(this.#base).origin + tokenPath(token, '/');
      return token;
    } catch (error) {
      console.warn('Eddy got no token from getToken', error);
      return undefined;
    }
  }

  /** Goes to one of these edges, any of them; to the next one after each `moveOn`, in the end back home. */
  moveTo(edges: readonly string[], random: Random): void {
    const good = edges.filter((edge) => URL.canParse(edge) && /^https?:$/.test(new URL(edge).protocol));
    if (good.length === 0) return;
    const first = Math.floor(random() * good.length);
    this.#others = [...good.slice(first), ...good.slice(0, first), this.#home];
    this.moveOn();
  }

  /** This edge is home from now on. False: it was in use already. */
  settleAt(edge: string): boolean {
    this.#home = edge;
    const before = this.#base;
    this.#others = [edge];
    this.moveOn();
    return new URL(this.#base).origin !== new URL(before).origin;
  }

  moveOn(): void {
    if (this.#others.length === 0) {
      const here = new URL(this.#base).origin;
      this.#others = [...this.alternatives, this.#home].filter((edge) => new URL(edge).origin !== here);
    }
    const next = this.#others.shift();
    if (next === undefined) return;
    const { pathname, search } = new URL(this.#base);
    const { token } = splitTokenPath(pathname);
    const { origin } = new URL(next);
    this.#base = token === undefined ? `${origin}/${search}` : origin + tokenPath(token, '/');
  }
}
