import { describe, expect, it } from 'vitest';
import { hostBetweenEdges } from './host-between-edges.js';

describe('the host of a site between edges', () => {
  it.each([
    [['video.example', '*.cdn.example'], 'video.example'],
    [['*.cdn.example', 'video.example'], 'video.example'],
    [['*.cdn.example'], 'eddy2.cdn.example'],
    [['*.live.cdn.example', '*.cdn.example'], 'eddy1.live.cdn.example'],
    [[], undefined],
  ])('of %j is %s', (hosts, expected) => {
    const others = [{ hosts: ['eddy1.cdn.example', '*.eddy2.cdn.example'] }];
    expect(hostBetweenEdges(hosts, others)).toBe(expected);
  });
});
