import { z } from 'zod';
import type { Member } from './members.js';

/** What an edge tells the others again and again. */
export interface Beat {
  readonly member: Member;
  /** Of this run of the process; another one after each start. */
  readonly instance: string;
  /** Since the epoch. Of two that have one name, the later one has it. */
  readonly startedAtMs: number;
  /** `hello`: it is new, and wants to hear from the others now. `goodbye`: it is the last one. */
  readonly says?: 'hello' | 'goodbye' | undefined;
}

export const INSTANCE: RegExp = /^[\w-]{8,32}$/;

const url = z.string().max(512).optional();
const amount = z.number().nonnegative();

/** A newer edge may say more; that is left out. */
const beatSchema = z.object({
  member: z.object({
    ...{ name: z.string().min(1).max(64), pop: z.string().min(1).max(64) },
    ...{ publicUrl: url, siblingUrl: url },
    ...{ role: z.enum(['edge', 'shield']), state: z.enum(['ready', 'draining']) },
    load: z.object({
      ...{ egressBytesPerSecond: amount, egressLimitBytesPerSecond: amount, viewers: amount },
      originWell: z.boolean(),
    }),
  }),
  instance: z.string().regex(INSTANCE),
  startedAtMs: amount,
  says: z.enum(['hello', 'goodbye']).optional(),
});

export function encodeBeat(beat: Beat): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(beat));
}

/** Undefined: it is none. */
export function decodeBeat(data: Uint8Array): Beat | undefined {
  const parsed = beatSchema.safeParse(parseJson(data));
  if (!parsed.success) return undefined;
  const { member, ...rest } = parsed.data;
  // Those that are not said are there all the same, as undefined.
  return { ...rest, member: { ...member, publicUrl: member.publicUrl, siblingUrl: member.siblingUrl } };
}

/** What a message of the bus says; undefined where it is not JSON. */
export function parseJson(data: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(data));
  } catch {
    return undefined;
  }
}
