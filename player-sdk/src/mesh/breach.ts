/** What a peer did that no peer of this version does. The same name reaches logs and metrics. */
export type BreachCode =
  | 'no-hello'
  | 'changed-version'
  | 'unknown-request'
  | 'repeated-id'
  | 'unasked-leaves'
  | 'wrong-leaves'
  | 'missing-leaves'
  | 'unasked-chunk'
  | 'repeated-chunk'
  | 'wrong-length'
  | 'flood'
  | 'stray-answers';

/** Thrown where a frame is understood but breaks the rules; the link closes and the peer is blamed. */
export class PeerBreach extends Error {
  override readonly name = 'PeerBreach';
  readonly code: BreachCode;

  constructor(code: BreachCode, detail: string) {
    super(`${code}: ${detail}`);
    this.code = code;
  }
}
