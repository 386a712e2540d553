import { describe, expect, it } from 'vitest';
import { SendTurns } from './send-turns.js';

/** Turns that the test takes by itself. */
function turnsByHand() {
  const planned: (() => void)[] = [];
  const turns = new SendTurns({ later: (run) => planned.push(run) });
  return { turns, planned, turn: () => planned.shift()?.() };
}

describe('turns to send', () => {
  it('go to those who have nothing before those who have something', () => {
    const { turns, turn } = turnsByHand();
    const sent: string[] = [];
    for (let at = 0; at < 100; at++) turns.add(() => sent.push('more'), 'more');
    for (let at = 0; at < 20; at++) turns.add(() => sent.push('head'), 'head');
    for (let at = 0; at < 20; at++) turns.add(() => sent.push('first'), 'first');
    turn();
    const expected = [...Array(20).fill('first'), ...Array(12).fill('head'), ...Array(8).fill('more')];
    expect(sent).toEqual(expected);
  });

  it('come to everybody, one turn of the loop after the other', () => {
    const { turns, planned, turn } = turnsByHand();
    let sent = 0;
    for (let at = 0; at < 100; at++) turns.add(() => sent++, 'more');
    for (const expected of [32, 64, 96, 100]) {
      expect(planned).toHaveLength(1);
      turn();
      expect(sent).toBe(expected);
    }
    expect(planned).toHaveLength(0);
    turns.add(() => sent++, 'more');
    turn();
    expect(sent).toBe(101);
  });

  it('send the head with the first bytes where both are due', () => {
    const { turns, turn } = turnsByHand();
    let sent = 0;
    const send = (): void => void sent++;
    turns.add(send, 'head');
    turns.add(send, 'first');
    turn();
    expect(sent).toBe(1);
  });

  it('are not given to who has left', () => {
    const { turns, turn } = turnsByHand();
    const send = (): void => expect.unreachable();
    turns.add(send, 'first');
    turns.delete(send);
    turn();
  });
});
