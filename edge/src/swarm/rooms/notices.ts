import type { PeerIntroduction, PeersChanged } from '@eddy/protocol';

/** What one viewer has to be told about others. */
export interface Notice {
  readonly to: string;
  readonly message: PeersChanged;
  /** The edge that it is connected to. Undefined: this one. */
  readonly home?: string | undefined;
}

/** Collects what a change of a room means for each viewer: one message a viewer, however many pairs changed. */
export class Notices {
  readonly #changes = new Map<string, { meet: PeerIntroduction[]; gone: string[] }>();

  meet(offering: string, waiting: string): void {
    this.#of(offering).meet.push({ peer: waiting, offer: true });
    this.#of(waiting).meet.push({ peer: offering, offer: false });
  }

  /** Who was only just introduced is not mentioned at all: players hear of departures first. */
  gone(to: string, peer: string): void {
    const { meet, gone } = this.#of(to);
    const introduced = meet.findIndex((introduction) => introduction.peer === peer);
    if (introduced === -1) gone.push(peer);
    else meet.splice(introduced, 1);
  }

  list(): Notice[] {
    return [...this.#changes]
      .filter(([, { meet, gone }]) => meet.length + gone.length > 0)
      .map(([to, { meet, gone }]) => ({ to, message: { type: 'peers', meet, gone } }));
  }

  #of(peer: string): { meet: PeerIntroduction[]; gone: string[] } {
    const known = this.#changes.get(peer);
    if (known !== undefined) return known;
    const fresh = { meet: [], gone: [] };
    this.#changes.set(peer, fresh);
    return fresh;
  }
}
