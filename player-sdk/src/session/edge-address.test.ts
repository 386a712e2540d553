import { describe, expect, it } from 'vitest';
import { atEdge, edgeOf } from './edge-address.js';

describe('the edge of a playlist', () => {
  it.each([
    ['https://e.example/v/master.m3u8', 'https://e.example', 'https://e.example/_eddy/swarm'],
    [
      'https://e.example/~a.b.c/v/master.m3u8?x=1',
      'https://e.example/~a.b.c/',
      'https://e.example/~a.b.c/_eddy/swarm',
    ],
    [
      'https://e.example:8443/v/master.m3u8?x=1&token=a.b.c',
      'https://e.example:8443/?token=a.b.c',
      'https://e.example:8443/_eddy/swarm?token=a.b.c',
    ],
  ])('that was asked for as %s keeps its token', (playlist, edge, swarm) => {
    expect(edgeOf(playlist)).toBe(edge);
    expect(atEdge(edge, '/_eddy/swarm').href).toBe(swarm);
  });
});
