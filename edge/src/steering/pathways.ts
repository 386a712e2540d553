import type { Member } from '../cluster/members.js';
import type { SteeringPop } from '../config/steering-schema.js';
import type { Health, Pathway } from './decide.js';
import type { ProbeWord } from './probes.js';

/** A pathway, and where it is. */
export interface LocatedPathway extends Pathway {
  /** Base URL, without a slash at the end. */
  readonly url: string;
}

export interface PathwaySources {
  readonly pops: readonly SteeringPop[];
  readonly members: readonly Member[];
  /** What asking a PoP of the list by its URL has shown. Undefined: nothing yet. */
  readonly probed: (url: string) => ProbeWord | undefined;
  /** Clock time at which the pathway last became well; called once for each with its health. */
  readonly wellSince: (id: string, health: Health) => number;
}

/** Where one is reached, and by whom it is known. */
interface Draft {
  readonly id: string;
  readonly url: string;
  readonly pop: SteeringPop | undefined;
  readonly members: Member[];
}

/**
 * Everywhere that players may be sent: each PoP of the list that has a URL (with all members of that PoP behind it),
 * and each URL that members of other PoPs have. Nobody is both.
 */
export function pathwaysOf({ pops, members, probed, wellSince }: PathwaySources): LocatedPathway[] {
  return draftsOf(pops, members).map(({ id, url, pop, members: behind }) => {
    const word = behind.length === 0 ? probed(url) : undefined;
    const health = behind.length === 0 ? (word?.health ?? 'well') : healthOf(behind);
    return {
      ...{ id, url, health },
      regions: pop?.regions ?? [],
      weight: pop?.weight ?? 1,
      load: behind.length === 0 ? word?.load : loadOf(behind),
      wellSinceMs: wellSince(id, health),
    };
  });
}

/** The pathway of an edge. Undefined: players are not sent to it. */
export function ownPathway(
  pops: readonly SteeringPop[],
  self: { readonly pop: string; readonly publicUrl?: string | undefined },
): { readonly id: string; readonly url: string } | undefined {
  const pop = pops.find(({ name }) => name === self.pop);
  if (pop?.url !== undefined) return { id: pop.name, url: pop.url };
  return self.publicUrl === undefined
    ? undefined
    : { id: idOf(self.pop, self.publicUrl), url: self.publicUrl };
}

function draftsOf(pops: readonly SteeringPop[], members: readonly Member[]): Draft[] {
  const byId = new Map<string, Draft>();
  for (const pop of pops) {
    if (pop.url !== undefined) byId.set(pop.name, { id: pop.name, url: pop.url, pop, members: [] });
  }
  for (const member of members) {
    const own = member.role === 'shield' ? undefined : ownPathway(pops, member);
    if (own === undefined) continue;
    const draft = byId.get(own.id) ?? {
      ...own,
      pop: pops.find(({ name }) => name === member.pop),
      members: [],
    };
    byId.set(own.id, draft);
    draft.members.push(member);
  }
  return [...byId.values()];
}

/** From the URL, so that it stays the same whoever else of the PoP comes and goes. A pathway's id has no other signs. */
function idOf(pop: string, url: string): string {
  return `${pop}-${new URL(url).hostname}`.replace(/[^\w.-]/g, '_').slice(0, 64);
}

/** As well as the best of them. */
function healthOf(members: readonly Member[]): Health {
  const ready = members.filter(({ state }) => state === 'ready');
  if (ready.length === 0) return 'draining';
  return ready.some(({ load }) => load.originWell) ? 'well' : 'ill';
}

/** Of all that may be sent at once by those that are ready. */
function loadOf(members: readonly Member[]): number | undefined {
  const telling = members.filter(
    ({ state, load }) => state === 'ready' && load.egressLimitBytesPerSecond > 0,
  );
  const sum = (of: (load: Member['load']) => number): number =>
    telling.reduce((total, { load }) => total + of(load), 0);
  if (telling.length === 0) return undefined;
  return sum((load) => load.egressBytesPerSecond) / sum((load) => load.egressLimitBytesPerSecond);
}
