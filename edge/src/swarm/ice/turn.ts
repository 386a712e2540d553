import { createHmac } from 'node:crypto';
import type { IceServer } from '@eddy/protocol';

export interface TurnConfig {
  /** `turn:` and `turns:` URLs. */
  readonly urls: readonly string[];
  /** Shared with the TURN server (`static-auth-secret` of coturn); never leaves the edge. */
  readonly secret: string;
  /** How long credentials are good for. */
  readonly lifetimeMs: number;
}

export interface IssuedServers {
  readonly iceServers: readonly IceServer[];
  /** Since the epoch: new ones are due. Undefined: these last. */
  readonly renewAtMs: number | undefined;
}

/** Share of its life after which a credential is replaced: who holds it may still need it for a while. */
const RENEWED_AFTER = 0.6;

/**
 * ICE servers for one player, with credentials of its own as coturn's `use-auth-secret` checks them: the name says
 * when they end (draft-uberti-behave-turn-rest-00).
 */
export function issueServers(
  fixed: readonly IceServer[],
  turn: TurnConfig | undefined,
  { user, nowMs }: { readonly user: string; readonly nowMs: number },
): IssuedServers {
  if (turn === undefined) return { iceServers: fixed, renewAtMs: undefined };
  const username = `${Math.floor((nowMs + turn.lifetimeMs) / 1000)}:${user}`;
  const credential = createHmac('sha1', turn.secret).update(username).digest('base64');
  return {
    iceServers: [...fixed, { urls: turn.urls, username, credential }],
    renewAtMs: nowMs + turn.lifetimeMs * RENEWED_AFTER,
  };
}
