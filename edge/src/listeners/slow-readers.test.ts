import { EventEmitter } from 'node:events';
import { beforeEach, describe, expect, it } from 'vitest';
import { HeldTimers } from '../held-timers.js';
import { SlowReaders } from './slow-readers.js';

class FakeSocket extends EventEmitter {
  writableLength = 0;
  bytesWritten = 0;
  destroyed = false;
  _handle: { writeQueueSize: number } | undefined;

  constructor(exact: boolean) {
    super();
    if (exact) this._handle = { writeQueueSize: 0 };
  }

  give(bytes: number): void {
    this.writableLength += bytes;
    this.bytesWritten += bytes;
    if (this._handle !== undefined) this._handle.writeQueueSize += bytes;
  }

  take(bytes: number): void {
    if (this._handle === undefined) this.writableLength -= bytes;
    else {
      this._handle.writeQueueSize -= bytes;
      if (this._handle.writeQueueSize === 0) this.writableLength = 0;
    }
  }

  destroy(): this {
    this.destroyed = true;
    this.emit('close');
    return this;
  }
}

const clock = { at: 0, now: () => clock.at };
let timers: HeldTimers;
let readers: SlowReaders;
let cuts: number;

beforeEach(() => {
  timers = new HeldTimers();
  cuts = 0;
  readers = new SlowReaders(
    { timers, clock, onCut: () => cuts++ },
    { bytesPerSecond: 1000, windowMs: 20_000 },
  );
});

function pass(ms: number, each: () => void = () => {}): void {
  for (let passed = 0; passed < ms; passed += 5000) {
    clock.at += 5000;
    each();
    timers.fire(5000);
  }
}

const open = (exact: boolean): FakeSocket => {
  const socket = new FakeSocket(exact);
  readers.watch(socket);
  return socket;
};

describe.each([true, false])('a reader (progress of one write is visible: %s)', (exact) => {
  it('that takes nothing is cut after the window', () => {
    const socket = open(exact);
    socket.give(15_000);
    pass(20_000);
    expect(socket.destroyed).toBe(false);
    pass(5000);
    expect([socket.destroyed, cuts]).toEqual([true, 1]);
  });

  it('that takes enough is left, for ever', () => {
    const socket = open(exact);
    socket.give(1_000_000);
    pass(120_000, () => {
      socket.take(5500);
      socket.give(5500);
    });
    expect(socket.destroyed).toBe(false);
  });

  it('with nothing to send is left', () => {
    const socket = open(exact);
    pass(200_000);
    socket.give(1000);
    socket.take(1000);
    pass(200_000);
    expect(socket.destroyed).toBe(false);
  });
});

describe('a slow reader', () => {
  it('that drips is cut', () => {
    const socket = open(true);
    socket.give(1_000_000);
    pass(60_000, () => socket.take(10));
    expect(socket.destroyed).toBe(true);
  });

  it('of one large write is given the time that it takes at the least rate where progress is not visible', () => {
    const socket = open(false);
    socket.give(100_000);
    pass(100_000);
    expect(socket.destroyed).toBe(false);
    pass(10_000);
    expect(socket.destroyed).toBe(true);
  });

  it('leaves nothing behind', () => {
    open(true).destroy();
    clock.at += 5000;
    timers.fire(5000);
    expect(cuts).toBe(0);
  });
});
