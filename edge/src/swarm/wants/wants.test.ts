import { decodeDigestBlock, MAX_SIGNALING_BYTES } from '@eddy/protocol';
import { describe, expect, it } from 'vitest';
import { digestMessages } from './digest-messages.js';
import { Wants } from './wants.js';

describe('wants', () => {
  it('are answered once, to all who wait', () => {
    const wants = new Wants({ maxPerViewer: 8, lifetimeMs: 1000 });
    wants.add('a', '/1.ts', 0);
    wants.add('a', '/1.ts', 0);
    wants.add('b', '/1.ts', 0);
    expect(wants.count).toBe(2);
    expect(wants.take('/1.ts', 10)).toEqual(['a', 'b']);
    expect(wants.take('/1.ts', 10)).toEqual([]);
    expect(wants.count).toBe(0);
  });

  it('expire, unless asked again', () => {
    const wants = new Wants({ maxPerViewer: 8, lifetimeMs: 1000 });
    wants.add('a', '/1.ts', 0);
    wants.add('b', '/1.ts', 0);
    wants.add('b', '/1.ts', 600);
    expect(wants.take('/1.ts', 1000)).toEqual(['b']);
    wants.add('a', '/2.ts', 0);
    wants.dropExpired(1000);
    expect(wants.count).toBe(0);
  });

  it('are bounded for each viewer', () => {
    const wants = new Wants({ maxPerViewer: 2, lifetimeMs: 1000 });
    expect(['/1', '/2', '/3', '/1'].map((key) => wants.add('a', key, 0))).toEqual([true, true, false, true]);
    expect(wants.add('b', '/3', 0)).toBe(true);
    wants.dropViewer('a');
    expect(wants.count).toBe(1);
    expect(wants.add('a', '/3', 0)).toBe(true);
  });
});

describe('digestMessages', () => {
  it('stay within a signaling message and lose nothing', () => {
    const digests = Array.from({ length: 300 }, (_, index) => ({
      path: `/${String(index).padStart(1000, 'x')}`,
      start: 0,
      bytes: index,
      root: new Uint8Array(32),
    }));
    const messages = digestMessages(digests);
    expect(messages.every((message) => message.length <= MAX_SIGNALING_BYTES)).toBe(true);
    expect(messages.flatMap((message) => decodeDigestBlock(message))).toEqual(digests);
    expect(digestMessages([])).toEqual([]);
    expect(digestMessages(digests.map((digest) => ({ ...digest, path: '/1' }))).length).toBe(2);
  });
});
