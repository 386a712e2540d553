import type { MeasuredUpload } from '@eddy/protocol';
import { Audience, type AudienceComponents, type AudienceOptions, type Newcomer } from './audience.js';
import type { Notice } from './notices.js';

/** All audiences by the name of their presentation. One exists while somebody is in it. */
export class Rooms {
  readonly #components: AudienceComponents;
  readonly #audiences = new Map<string, Audience>();
  #options: AudienceOptions;

  constructor(components: AudienceComponents, options: AudienceOptions) {
    this.#components = components;
    this.#options = options;
  }

  get count(): number {
    let count = 0;
    for (const { roomCount } of this.#audiences.values()) count += roomCount;
    return count;
  }

  /** Viewers of other edges that somebody here has met. */
  get visitorCount(): number {
    let count = 0;
    for (const { visitorCount } of this.#audiences.values()) count += visitorCount;
    return count;
  }

  all(): [string, Audience][] {
    return [...this.#audiences];
  }

  has(name: string): boolean {
    return this.#audiences.has(name);
  }

  of(name: string): Audience | undefined {
    return this.#audiences.get(name);
  }

  join(name: string, newcomer: Newcomer): Notice[] {
    const known = this.#audiences.get(name);
    const audience = known ?? new Audience(this.#components, this.#options);
    if (known === undefined) this.#audiences.set(name, audience);
    return audience.join(newcomer);
  }

  leave(name: string, peer: string): Notice[] {
    const audience = this.#audiences.get(name);
    const notices = audience?.leave(peer) ?? [];
    if (audience?.size === 0) this.#audiences.delete(name);
    return notices;
  }

  fail(name: string, peer: string, other: string, accused: boolean): Notice[] {
    return this.#audiences.get(name)?.fail(peer, other, accused) ?? [];
  }

  status(name: string, peer: string, positionMs: number, uploads: readonly MeasuredUpload[]): Notice[] {
    return this.#audiences.get(name)?.status(peer, positionMs, uploads) ?? [];
  }

  metBy(name: string, peer: string): string[] {
    return this.#audiences.get(name)?.metBy(peer) ?? [];
  }

  introduced(name: string, peer: string, other: string): boolean {
    return this.#audiences.get(name)?.introduced(peer, other) ?? false;
  }

  setMaxPeers(maxPeers: number): [string, Notice[]][] {
    this.#options = { ...this.#options, maxPeers };
    return [...this.#audiences].map(([name, audience]) => [name, audience.setMaxPeers(maxPeers)]);
  }
}
