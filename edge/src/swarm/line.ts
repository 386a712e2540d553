import type { EdgeMessage } from '@eddy/protocol';

/** The way back to one player. */
export interface Line {
  tell(message: EdgeMessage): void;
  push(bytes: Uint8Array): void;
  /** Finds out at once whether the player is still there. */
  probe(): void;
}
