import type { Clock } from '../components.js';
import { type HotAnswer, hotAnswer } from './hot-answer.js';

/** What the lane may ask for. */
export interface HotIndex {
  /** The answer to a plain GET of this target now; undefined unless it is a fresh 200 in memory. A use of it. */
  find(target: string): HotAnswer | undefined;
}

/** A stored 200 that is the same for everybody. */
export interface HotObject {
  readonly freshUntilMs: number;
  readonly body: Buffer;
  /** The whole head as of now, and until when it may be sent again (the next second of its `Age`). */
  headAt(nowMs: number): { readonly head: string; readonly untilMs: number };
  /** What the index made of it; the index alone writes and reads it. */
  hot: HotRendering | undefined;
}

export interface HotRendering {
  readonly answer: HotAnswer;
  readonly untilMs: number;
}

export interface HotIndexComponents {
  /** The object by its key, as a use; undefined also where it is not a plain 200. */
  readonly lookUp: (key: string) => HotObject | undefined;
  /** What names the object that a target asks for; undefined where that takes more thought. */
  readonly keyOf: (target: string) => string | undefined;
  /** Since the epoch. */
  readonly wallClock: Clock;
}

/** Answers are made once a second for each object. */
export function createHotIndex({ lookUp, keyOf, wallClock }: HotIndexComponents): HotIndex {
  return {
    find(target) {
      const key = keyOf(target);
      const object = key === undefined ? undefined : lookUp(key);
      if (object === undefined) return undefined;
      const nowMs = wallClock.now();
      if (object.hot !== undefined && nowMs < object.hot.untilMs) return object.hot.answer;
      if (nowMs >= object.freshUntilMs) return undefined;
      const { head, untilMs } = object.headAt(nowMs);
      const answer = hotAnswer(head, object.body);
      object.hot = { answer, untilMs: Math.min(untilMs, object.freshUntilMs) };
      return answer;
    },
  };
}
