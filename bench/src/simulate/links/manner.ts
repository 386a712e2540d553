import { FrameMessage } from './frame-message.js';

/** What becomes of the chunks that a viewer sends: they are changed, are not sent, or leave one each two seconds. */
export type Manner = 'spoils' | 'withholds' | 'drips';

export interface Misbehaving {
  readonly oneIn: number;
  readonly manners: readonly Manner[];
}

export const DRIP_MS = 2_000;

/** The first of each `oneIn` viewers misbehaves; manners take turns. */
export function mannerOf(misbehaving: Misbehaving | undefined, viewer: number): Manner | undefined {
  if (misbehaving === undefined || viewer % misbehaving.oneIn !== 0) return undefined;
  return misbehaving.manners[Math.floor(viewer / misbehaving.oneIn) % misbehaving.manners.length];
}

const SPOILT = new Map<number, Uint8Array>();

/** As long as it was, and nothing like it. */
export function spoilt(message: FrameMessage): FrameMessage {
  const { frame } = message;
  if (frame.type !== 'chunk') return message;
  const { length } = frame.payload;
  const payload = SPOILT.get(length) ?? new Uint8Array(length).fill(0xff);
  SPOILT.set(length, payload);
  return new FrameMessage({ ...frame, payload });
}
