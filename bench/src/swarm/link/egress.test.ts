import { describe, expect, it } from 'vitest';
import { Egress } from './egress.js';

/** Time that moves when it is told to. */
class Time {
  ms = 0;
  #timers: { at: number; action: () => void }[] = [];

  readonly now = (): number => this.ms;
  readonly after = (ms: number, action: () => void): void => {
    this.#timers.push({ at: this.ms + ms, action });
  };

  async passTo(ms: number): Promise<void> {
    for (;;) {
      await Promise.resolve();
      this.#timers.sort((a, b) => a.at - b.at);
      const next = this.#timers[0];
      if (next === undefined || next.at > ms) break;
      this.#timers.shift();
      this.ms = next.at;
      next.action();
    }
    this.ms = ms;
  }
}

const KIB = 1024;

describe('the egress', () => {
  it('lets out no more than it may, in turns', async () => {
    const time = new Time();
    const egress = new Egress({ bitsPerSecond: 8 * 64 * KIB }, time);
    await time.passTo(1000);
    const out = { a: 0, b: 0 };
    const a = egress.open((piece) => {
      out.a += piece.length;
    });
    const b = egress.open((piece) => {
      out.b += piece.length;
    });
    void a.send(Buffer.alloc(256 * KIB));
    void b.send(Buffer.alloc(256 * KIB));
    await time.passTo(2000);
    // A second's worth, and the 50 ms that late timers may make up.
    expect(out.a + out.b).toBeGreaterThanOrEqual(56 * KIB);
    expect(out.a + out.b).toBeLessThanOrEqual(72 * KIB);
    expect(Math.abs(out.a - out.b)).toBeLessThanOrEqual(8 * KIB);
  });

  it('carries every byte in order and says when it is out', async () => {
    const time = new Time();
    const egress = new Egress({ bitsPerSecond: 8_000_000 }, time);
    const pieces: Buffer[] = [];
    const flow = egress.open((piece) => pieces.push(piece));
    const bytes = Buffer.from(Array.from({ length: 20_000 }, (_, index) => index % 251));
    let sent = false;
    void flow.send(bytes).then(() => {
      sent = true;
    });
    await time.passTo(5);
    expect(sent).toBe(false);
    await time.passTo(100);
    expect(sent).toBe(true);
    expect(Buffer.concat(pieces).equals(bytes)).toBe(true);
  });

  it('forgets what a viewer gave up, so that others have the line', async () => {
    const time = new Time();
    const egress = new Egress({ bitsPerSecond: 8 * 8 * KIB }, time);
    let given = 0;
    const cut = egress.open((piece) => {
      given += piece.length;
    });
    void cut.send(Buffer.alloc(64 * KIB));
    cut.cut();
    let other = 0;
    const kept = egress.open((piece) => {
      other += piece.length;
    });
    void kept.send(Buffer.alloc(8 * KIB));
    await time.passTo(2100);
    expect({ given, other }).toEqual({ given: 0, other: 8 * KIB });
  });

  it('holds nothing back without a limit', async () => {
    let given = 0;
    const flow = new Egress({ bitsPerSecond: Number.POSITIVE_INFINITY }).open((piece) => {
      given += piece.length;
    });
    await flow.send(Buffer.alloc(100_000));
    expect(given).toBe(100_000);
  });
});
