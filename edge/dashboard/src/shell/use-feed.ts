import { useEffect, useState } from 'preact/hooks';
import type { Address } from '../address/address.js';
import type { AnswerName } from '../answers/answers.js';
import type { Ask } from '../answers/ask.js';
import { Feed, type FeedState, NOTHING_YET } from '../answers/feed.js';

/** Answers for what an address shows, kept fresh while the page is seen. */
export function useFeed(
  ask: Ask,
  address: Address,
  names: readonly AnswerName[],
): readonly [FeedState, () => void] {
  const [state, setState] = useState(NOTHING_YET);
  const [feed] = useState(
    () =>
      new Feed({
        ask,
        nowMs: () => Date.now(),
        after: (ms, run) => {
          const timer = setTimeout(run, ms);
          return () => clearTimeout(timer);
        },
        isHidden: () => document.hidden,
        onState: setState,
      }),
  );
  useEffect(() => feed.follow({ address, names }), [feed, address, names]);
  useEffect(() => {
    const seen = (): void => {
      if (!document.hidden) void feed.refresh();
    };
    document.addEventListener('visibilitychange', seen);
    return () => document.removeEventListener('visibilitychange', seen);
  }, [feed]);
  return [state, () => void feed.refresh()];
}
