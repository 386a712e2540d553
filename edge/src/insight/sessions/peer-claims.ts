import { LRUCache } from 'lru-cache';
import { ownText } from '../../own-text.js';
import type { Place } from '../../swarm/matching/place.js';

/** Claims about one uploader, its own and those of downloaders. Bytes since it was first heard of. */
interface Account {
  up: number;
  down: number;
  /** Uploads claimed by the report before the last one: whoever got them has reported since. */
  upBefore: number;
  upLast: number;
  countedDown: number;
  countedUp: number;
  place: Place | undefined;
}

/** Of the uploader who reports now: what has come to light since its last report. */
export interface PeerMismatch {
  /** Downloaders claim them from it, it does not claim them. */
  readonly unmatchedPeerBytes: number;
  /** It claims to have sent them, nobody claims to have got them. */
  readonly unmatchedUploadBytes: number;
}

/** Below these, timing explains it: chunks under way, answers cancelled, chunks that came twice. */
const SLACK_BYTES = 1024 * 1024;
const UPLOAD_SLACK_SHARE = 0.1;

/** Uploaders' claims against downloaders'. Who of them is wrong is not decided: the difference is counted. */
export class PeerClaims {
  readonly #accounts: LRUCache<string, Account>;

  constructor({ maxPeers }: { readonly maxPeers: number }) {
    this.#accounts = new LRUCache({ max: maxPeers });
  }

  knows(peer: string): boolean {
    return this.#accounts.has(peer);
  }

  placeOf(peer: string): Place | undefined {
    return this.#accounts.get(peer)?.place;
  }

  /** Somebody claims to have got `bytes` from `peer`. */
  downloaded(peer: string, bytes: number): void {
    this.#account(peer).down += bytes;
  }

  /** What a report of `peer` that claims `bytes` more brings to light. Changes nothing. */
  mismatch(peer: string, bytes: number): PeerMismatch {
    const account = this.#accounts.get(peer);
    if (account === undefined) return { unmatchedPeerBytes: 0, unmatchedUploadBytes: 0 };
    const down = account.down - account.up - bytes - account.countedDown;
    const lost = account.upBefore * (1 - UPLOAD_SLACK_SHARE) - account.down - account.countedUp;
    return {
      unmatchedPeerBytes: down > SLACK_BYTES ? down : 0,
      unmatchedUploadBytes: lost > SLACK_BYTES ? Math.round(lost) : 0,
    };
  }

  /** `peer` reports, and its mismatch is counted. The returned function takes it back. */
  uploaded(peer: string, bytes: number, counted: PeerMismatch, place: Place | undefined): () => void {
    const account = this.#account(peer);
    const { upBefore, upLast } = account;
    account.upBefore = upLast;
    account.up += bytes;
    account.upLast = account.up;
    account.countedDown += counted.unmatchedPeerBytes;
    account.countedUp += counted.unmatchedUploadBytes;
    account.place = place ?? account.place;
    return () => {
      account.up -= bytes;
      account.countedDown -= counted.unmatchedPeerBytes;
      account.countedUp -= counted.unmatchedUploadBytes;
      account.upBefore = upBefore;
      account.upLast = upLast;
    };
  }

  #account(peer: string): Account {
    const known = this.#accounts.get(peer);
    if (known !== undefined) return known;
    const fresh = {
      ...{ up: 0, down: 0, upBefore: 0, upLast: 0, countedDown: 0, countedUp: 0 },
      place: undefined,
    };
    this.#accounts.set(ownText(peer), fresh);
    return fresh;
  }
}
