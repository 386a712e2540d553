import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import { type BodyTeeOptions, createBodyTee } from '../fill/body-tee.js';
import { type FollowedResponse, followBody } from './body-sender.js';
import { SendTurns } from './send-turns.js';

class FakeResponse extends EventEmitter implements FollowedResponse {
  destroyed = false;
  /** What was sent, in order; a head without bytes is `head`. */
  readonly sent: string[] = [];
  takes = true;
  readonly #log: (what: string) => void;

  constructor(log: (what: string) => void = () => {}) {
    super();
    this.#log = log;
  }

  write(piece: Buffer): boolean {
    this.#note(piece.toString());
    return this.takes;
  }

  end(last?: Buffer): void {
    this.#note(`${last ?? ''}.`);
  }

  flushHeaders(): void {
    this.#note('head');
  }

  leave(): void {
    this.destroyed = true;
    this.emit('close');
  }

  #note(what: string): void {
    this.sent.push(what);
    this.#log(what);
  }
}

function setUp({ totalBytes, keepBytes }: BodyTeeOptions = { totalBytes: 6, keepBytes: 100 }) {
  const planned: (() => void)[] = [];
  const turns = new SendTurns({ later: (run) => planned.push(run) });
  const tee = createBodyTee({ totalBytes, keepBytes });
  return {
    tee,
    follow: (response: FakeResponse) =>
      followBody({ reader: tee.reader(), response, turns, onBytes: () => {} }, totalBytes),
    /** Takes the turns that are due. */
    turn: () => {
      for (const run of planned.splice(0)) run();
    },
  };
}

describe('a response that follows a fill', () => {
  it('has its head at once, and each piece as it comes', async () => {
    const { tee, follow, turn } = setUp();
    const response = new FakeResponse();
    const sent = follow(response);
    turn();
    void tee.write(Buffer.from('abc'));
    turn();
    void tee.write(Buffer.from('def'));
    turn();
    tee.end();
    turn();
    expect(await sent).toBe('sent');
    expect(response.sent).toEqual(['head', 'abc', 'def.']);
  });

  it('has no head of its own where bytes are there', async () => {
    const { tee, follow, turn } = setUp();
    const [early, late] = [new FakeResponse(), new FakeResponse()];
    void follow(early);
    void tee.write(Buffer.from('abc'));
    void follow(late);
    turn();
    expect([early.sent, late.sent]).toEqual([['abc'], ['abc']]);
  });

  it('gets its first bytes before others get more', () => {
    const { tee, follow, turn } = setUp();
    const order: string[] = [];
    void follow(new FakeResponse((what) => order.push(`first ${what}`)));
    void tee.write(Buffer.from('ab'));
    turn();
    void tee.write(Buffer.from('cd'));
    void follow(new FakeResponse((what) => order.push(`late ${what}`)));
    turn();
    expect(order).toEqual(['first ab', 'late abcd', 'first cd']);
  });

  it('goes at the pace of its client, and holds the writer to it', async () => {
    const { tee, follow, turn } = setUp({ totalBytes: undefined, keepBytes: 2 });
    const response = new FakeResponse();
    response.takes = false;
    void follow(response);
    void tee.write(Buffer.from('ab'));
    turn();
    let roomy = false;
    const room = tee.write(Buffer.from('cde'))?.then(() => {
      roomy = true;
    });
    turn();
    expect([response.sent, roomy]).toEqual([['ab'], false]);
    response.emit('drain');
    turn();
    await room;
    expect([response.sent, roomy]).toEqual([['ab', 'cde'], true]);
  });

  it('is over when its client leaves, and fails with the fill after all that was there', async () => {
    const { tee, follow, turn } = setUp();
    const [gone, cut] = [new FakeResponse(), new FakeResponse()];
    const [leaving, failing] = [follow(gone), follow(cut)];
    void tee.write(Buffer.from('ab'));
    gone.leave();
    tee.fail(new Error('origin'));
    const failed = expect(failing).rejects.toThrow('origin');
    turn();
    turn();
    await failed;
    expect([await leaving, gone.sent, cut.sent]).toEqual(['gone', [], ['ab']]);
    expect(cut.listenerCount('drain') + cut.listenerCount('close')).toBe(0);
  });
});
