import { createHash } from 'node:crypto';

/**
 * The member that owns a key, by highest random weight: each member's weight for it is a hash, and the heaviest has it.
 * Every edge with the same list names the same owner; when a member leaves, only its own keys move.
 *
 * @throws RangeError without members.
 */
export function ownerOf(key: string, members: readonly string[]): string {
  let owner: string | undefined;
  let heaviest = -1;
  for (const member of members) {
    const weight = weightOf(key, member);
    // The order of the list must not matter, also in a draw.
    if (weight > heaviest || (weight === heaviest && owner !== undefined && member > owner)) {
      owner = member;
      heaviest = weight;
    }
  }
  if (owner === undefined) throw new RangeError('there are no members');
  return owner;
}

/** The owner first, then who would own the key without it, and so on. */
export function byWeight(key: string, members: readonly string[]): string[] {
  return members
    .map((member) => ({ member, weight: weightOf(key, member) }))
    .sort((one, other) => other.weight - one.weight || (one.member > other.member ? -1 : 1))
    .map(({ member }) => member);
}

function weightOf(key: string, member: string): number {
  return createHash('sha256').update(`${member}\n${key}`).digest().readUIntBE(0, 6);
}
