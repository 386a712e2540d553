import { describe, expect, it } from 'vitest';
import { ConfigError } from './config-error.js';
import { parseEdgeConfig } from './schema.js';

const origin = { url: 'file:///videos' };
const problems = (settings: Readonly<Record<string, unknown>>): string => {
  try {
    parseEdgeConfig({ origin, ...settings });
    return '';
  } catch (error) {
    if (error instanceof ConfigError) return error.problems.join('\n');
    throw error;
  }
};

describe('settings of replacement and prefetch', () => {
  it('have defaults', () => {
    const { cache, prefetch } = parseEdgeConfig({ origin });
    expect(cache.policy).toBe('lru');
    expect(prefetch).toEqual({
      ...{ segments: 1, maxFills: 8, maxViewerFills: 16, bytesPerSecond: 16_777_216, minUsePercent: 50 },
    });
  });

  it('are read as text too', () => {
    const given = { segments: '0', bytesPerSecond: '2MiB', minUsePercent: '25' };
    const { cache, prefetch } = parseEdgeConfig({ origin, cache: { policy: 's3-fifo' }, prefetch: given });
    expect([cache.policy, prefetch]).toMatchObject([
      's3-fifo',
      { segments: 0, bytesPerSecond: 2_097_152, minUsePercent: 25 },
    ]);
  });

  it.each([
    [{ cache: { policy: 'fifo' } }, /cache\.policy/],
    [{ prefetch: { segments: 11 } }, /prefetch\.segments: 11 is not a whole number from 0 to 10/],
    [{ prefetch: { minUsePercent: 101 } }, /prefetch\.minUsePercent/],
    [{ prefetch: { bytesPerSecond: 10 } }, /prefetch\.bytesPerSecond/],
    [{ prefetch: { segment: 1 } }, /prefetch\.segment is not a setting/],
  ])('%j is refused', (settings, message) => expect(problems(settings)).toMatch(message));
});
