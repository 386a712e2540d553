import { openConnection } from '../../load/open-loop/keep-alive-connection.js';
import {
  type LiveShape,
  lastSegmentOf,
  newestSegment,
  playlistPath,
  segmentPath,
} from '../../origin/live-window.js';
import { stampedContent } from '../../origin/stamped-content.js';

export interface ViewerEvents {
  /** Counts from when the request was due, in the clock of `now`. */
  readonly onAnswer: (what: 'playlist' | 'segment', dueMs: number, bytes: number) => void;
  readonly onFailure: (why: string) => void;
}

export interface ViewerOptions {
  readonly port: number;
  readonly shape: LiveShape;
  readonly channel: number;
}

/** One connection that polls its channel's playlist and fetches the newest segment that it named. */
export interface Viewer {
  /** False where nothing is asked: it is closed, or knows no segment yet. */
  readonly due: (what: 'playlist' | 'segment', dueMs: number) => boolean;
  /** Requests that were due and have no answer. */
  readonly unanswered: () => number;
  readonly close: () => void;
}

interface Wish {
  readonly what: 'playlist' | 'segment';
  readonly dueMs: number;
}

/** Bytes of segments that viewers of a channel compare with, a few at a time. */
const expected = new Map<string, Buffer>();
const KEPT_SEGMENTS = 200;

function expectedBytes(path: string, length: number): Buffer {
  const known = expected.get(path);
  if (known !== undefined) return known;
  const bytes = stampedContent(path, length);
  expected.set(path, bytes);
  const [oldest] = expected.keys();
  if (expected.size > KEPT_SEGMENTS && oldest !== undefined) expected.delete(oldest);
  return bytes;
}

export async function openViewer(
  events: ViewerEvents,
  { port, shape, channel }: ViewerOptions,
): Promise<Viewer> {
  const wishes: Wish[] = [];
  let newest: number | undefined;
  let target: Buffer | undefined;
  let [text, got, wrong, closed] = ['', 0, false, false];

  const ask = (): void => {
    const wish = wishes[0];
    if (wish === undefined) return;
    const path = wish.what === 'playlist' ? playlistPath(channel) : segmentPath(channel, newest ?? 0);
    target = wish.what === 'segment' ? expectedBytes(path, shape.segmentBytes) : undefined;
    [text, got, wrong] = ['', 0, false];
    connection.send(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`);
  };
  const problem = (status: number): string | undefined => {
    if (status !== 200) return `status ${status}`;
    if (target !== undefined)
      return wrong || got !== shape.segmentBytes
        ? `${got} ${wrong ? 'other ' : ''}bytes of a segment`
        : undefined;
    const last = lastSegmentOf(text);
    if (last === undefined) return 'a playlist without segments';
    newest = last;
    // One may just have come out, and a playlist may be a second old.
    return last < newestSegment(shape, channel, Date.now()) - 1
      ? 'a playlist that is over a segment old'
      : undefined;
  };

  const connection = await openConnection(port, {
    onBody: (chunk) => {
      if (target === undefined) text += chunk.toString('latin1');
      else if (!target.subarray(got, got + chunk.length).equals(chunk)) wrong = true;
      got += chunk.length;
    },
    onEnd: (status) => {
      const wish = wishes.shift();
      if (wish === undefined) return events.onFailure('an answer that nobody asked for');
      const why = problem(status);
      if (why === undefined) events.onAnswer(wish.what, wish.dueMs, got);
      else events.onFailure(why);
      ask();
    },
    onClose: (error) => {
      if (!closed) events.onFailure(`connection closed: ${error?.message ?? 'by the server'}`);
      closed = true;
    },
  });
  return {
    due: (what, dueMs) => {
      if (closed || (what === 'segment' && newest === undefined)) return false;
      wishes.push({ what, dueMs });
      if (wishes.length === 1) ask();
      return true;
    },
    unanswered: () => wishes.length,
    close: () => {
      closed = true;
      connection.close();
    },
  };
}
