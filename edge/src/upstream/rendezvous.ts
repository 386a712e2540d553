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
    const weight = createHash('sha256').update(`${member}\n${key}`).digest().readUIntBE(0, 6);
    // The order of the list must not matter, also in a draw.
    if (weight > heaviest || (weight === heaviest && owner !== undefined && member > owner)) {
      owner = member;
      heaviest = weight;
    }
  }
  if (owner === undefined) throw new RangeError('there are no members');
  return owner;
}
