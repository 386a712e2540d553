import { expect, it } from 'vitest';
import { BufferingLag } from './buffering-lag.js';
import type { HlsPlayer, PlayerListener } from './player.js';

function playerThatTells(): { readonly player: HlsPlayer; readonly listeners: Map<string, PlayerListener> } {
  const listeners = new Map<string, PlayerListener>();
  const on = (event: string, listener: PlayerListener): void => {
    listeners.set(event, listener);
  };
  const off = (event: string): void => {
    listeners.delete(event);
  };
  // As much of a player as is asked.
  return { player: { on, off } as unknown as HlsPlayer, listeners };
}

it('follows what got slower at once, forgets it segment by segment, and has a limit', () => {
  const { player, listeners } = playerThatTells();
  const lag = new BufferingLag(player);
  const buffered = (ms: number): void => {
    const stats = { loading: { start: 0, first: 0, end: 5_000 }, buffering: { end: 5_000 + ms } };
    listeners.get('hlsFragBuffered')?.('hlsFragBuffered', { stats });
  };
  expect(lag.ms).toBe(0);
  buffered(400);
  expect(lag.ms).toBe(400);
  buffered(10);
  expect(lag.ms).toBe(320);
  buffered(10);
  expect(lag.ms).toBe(256);
  buffered(60_000);
  expect(lag.ms).toBe(2_000);
  lag.close();
  expect(listeners.size).toBe(0);
});
