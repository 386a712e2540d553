import { z } from 'zod';
import type { PrefetchConfig } from '../prefetch/prefetch-config.js';
import { measure, size, whole } from './fields.js';

export const prefetchSchema: z.ZodPrefault<z.ZodType<PrefetchConfig, Record<string, unknown>>> = z
  .strictObject({
    segments: whole(0, 10).prefault(1),
    maxFills: whole(1, 1000).prefault(8),
    maxViewerFills: whole(1, 10_000).prefault(16),
    bytesPerSecond: size(64 * 1024).prefault('16MiB'),
    minUsePercent: measure('a number from 0 to 100', Number, 0, 100).prefault(50),
  })
  .prefault({});
