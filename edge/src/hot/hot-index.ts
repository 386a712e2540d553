import { type HotAnswer, hotAnswer } from './hot-answer.js';

/** A stored 200 that differs by nothing but the page that asks. */
export interface HotObject {
  readonly freshUntilMs: number;
  readonly body: Buffer;
  /** What a page of `origin` is told besides; the same for all that are told the same. Undefined: nobody is. */
  readonly wordsFor?: (origin: string | undefined) => readonly string[];
  /** The whole head as of now, and until when it may be sent again (the next second of its `Age`). */
  headAt(nowMs: number, words?: readonly string[]): { readonly head: string; readonly untilMs: number };
  /** What was last made of it; written and read here alone. */
  hot: HotRendering | undefined;
}

export interface HotRendering {
  readonly answer: HotAnswer;
  readonly untilMs: number;
  readonly words: readonly string[] | undefined;
}

/** The answer to a plain GET of a fresh object; undefined once it is stale. Made once a second for each object. */
export function hotAnswerOf(object: HotObject, nowMs: number, origin?: string): HotAnswer | undefined {
  const words = object.wordsFor?.(origin);
  const { hot } = object;
  if (hot !== undefined && nowMs < hot.untilMs && hot.words === words) return hot.answer;
  if (nowMs >= object.freshUntilMs) return undefined;
  const { head, untilMs } = object.headAt(nowMs, words);
  const answer = hotAnswer(head, object.body);
  object.hot = { answer, words, untilMs: Math.min(untilMs, object.freshUntilMs) };
  return answer;
}
