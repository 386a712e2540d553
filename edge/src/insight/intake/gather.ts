import type { Timers } from '../../components.js';
import type { Answer, Receive, Sender } from './receive.js';

export interface GatherOptions {
  /** After the first one came. */
  readonly everyMs: number;
  /** So many do not wait for the time. */
  readonly most: number;
}

export interface Gathering {
  readonly receive: Receive;
  /** Reads what waits now, and what comes later as it comes. */
  close(): void;
}

interface Waiting {
  readonly body: string;
  readonly sender: Sender;
  readonly done: (answer: Promise<Answer>) => void;
}

/**
 * Reads POSTs together that came within a moment: of hundreds a second, each over a connection of its own, every one
 * finds the processor's caches filled by something else, and costs six times as much as one right behind another
 * (docs/decisions/0219).
 */
export function gather(
  receive: Receive,
  { timers }: { readonly timers: Timers },
  { everyMs, most }: GatherOptions,
): Gathering {
  let waiting: Waiting[] = [];
  let cancel: (() => void) | undefined;
  let closed = false;

  function readAll(): void {
    cancel?.();
    cancel = undefined;
    const all = waiting;
    waiting = [];
    for (const { body, sender, done } of all) done(receive(body, sender));
  }

  return {
    receive: (body, sender) => {
      if (closed) return receive(body, sender);
      return new Promise<Answer>((done) => {
        waiting.push({ body, sender, done });
        if (waiting.length >= most) readAll();
        else cancel ??= timers.after(everyMs, readAll);
      });
    },
    close() {
      closed = true;
      readAll();
    },
  };
}
