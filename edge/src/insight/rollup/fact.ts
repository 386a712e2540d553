import { hash } from 'node:crypto';
import { ownText } from '../../own-text.js';
import type { Tally } from '../measures/measures.js';
import type { PlayerDimension } from '../store/insight-store.js';

/** One batch of a player after its claims were judged: what is summed up, and passed on between edges. */
export interface Fact {
  /** Mark of the batch. */
  readonly batch: string;
  /** Mark of the session. */
  readonly session: string;
  readonly keys: Readonly<Record<PlayerDimension, string>>;
  readonly tally: Tally;
}

/** 64 bits of a hash, in hexadecimal: among a million, two are alike once in 40 million times. */
export function markOf(text: string): string {
  return ownText(hash('sha1', text, 'hex').slice(0, 16));
}
