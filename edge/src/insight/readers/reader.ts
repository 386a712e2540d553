import type { Context } from 'hono';
import type { Keys } from '../store/insight-store.js';

/** What a guest may see: figures of this stream, at this PoP. Empty: all. */
export type Scope = Pick<Keys, 'stream' | 'pop'>;

/** Who asks. Nobody here can change anything: readers see all figures and may share them, guests see what was shared. */
export interface Reader {
  readonly role: 'reader' | 'guest';
  /** `open`: nobody is asked who he is. */
  readonly login: 'open' | 'proxy' | 'oidc' | 'share';
  /** As the login calls them; of a guest, who shared. Undefined: not known. */
  readonly user?: string | undefined;
  /** Milliseconds since the epoch; undefined: not here to say. */
  readonly expiresMs?: number | undefined;
  readonly scope: Scope;
}

export const ANYBODY: Reader = { role: 'reader', login: 'open', scope: {} };

/** For Hono: routes behind the gate know who asks. */
export interface ReaderEnv {
  readonly Variables: { readonly reader?: Reader };
}

export function readerOf(context: Context<ReaderEnv>): Reader {
  return context.get('reader') ?? ANYBODY;
}
