import { z } from 'zod';
import type { PrefetchConfig } from '../prefetch/prefetch-config.js';
import { measure, size, whole } from './fields.js';

export const prefetchSchema: z.ZodPrefault<z.ZodType<PrefetchConfig, Record<string, unknown>>> = z
  .strictObject({
    segments: whole(0, 10).describe('Segments that are filled ahead of viewers; 0 is off').prefault(1),
    maxFills: whole(1, 1000).describe('Own fills under way at once').prefault(8),
    maxViewerFills: whole(1, 10_000)
      .describe('Pauses while more fills for viewers are under way')
      .prefault(16),
    bytesPerSecond: size(64 * 1024)
      .describe('Body bytes a second, over time')
      .prefault('16MiB'),
    minUsePercent: measure('a number from 0 to 100', Number, 0, 100)
      .describe('Pauses for a minute while fewer of the last hundred were used')
      .prefault(50),
  })
  .prefault({});
