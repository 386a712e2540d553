/**
 * `renamed`: the edge had lost sight of this player. `parted`: it parted the two. `outcast`: the other one lied, or
 * gives nothing of use; it is served, and nothing it says is heard.
 */
export type Departure = 'renamed' | 'parted' | 'outcast';

/** Channels that work on although the edge speaks of the pair no more. They are the first to make room. */
export class Departures<Link> {
  readonly #ways = new Map<Link, Departure>();

  /** Any of them. */
  get spare(): Link | undefined {
    const [spare] = this.#ways.keys();
    return spare;
  }

  has(link: Link): boolean {
    return this.#ways.has(link);
  }

  isOutcast(link: Link): boolean {
    return this.#ways.get(link) === 'outcast';
  }

  /** Who is an outcast stays one. */
  add(link: Link, how: Departure): void {
    if (how === 'outcast' || !this.#ways.has(link)) this.#ways.set(link, how);
  }

  /** It has ended. Returns what it was. */
  take(link: Link): Departure | undefined {
    const how = this.#ways.get(link);
    this.#ways.delete(link);
    return how;
  }

  /** Whether all these, some of them by the edge, are parted from this player: none will ask it for anything. */
  areAll(links: readonly Link[]): boolean {
    const ways = links.map((link) => this.#ways.get(link));
    return ways.includes('parted') && ways.every((way) => way === 'parted' || way === 'outcast');
  }
}
