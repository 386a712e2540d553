import { resolve } from 'node:path';
import { z } from 'zod';
import { size, whole } from './fields.js';

const MIB = 1024 * 1024;

/** Fields of `cache` for its disk tier. */
export const diskFields: {
  readonly dir: z.ZodOptional<z.ZodType<string, string>>;
  readonly diskBytes: z.ZodPrefault<z.ZodType<number, number | string>>;
  readonly diskObjects: z.ZodPrefault<z.ZodType<number, number | string>>;
} = {
  dir: z
    .string()
    .min(1)
    .transform((folder) => resolve(folder))
    .describe(
      'Folder of the disk cache, made if it is missing. No other program may use it; none: no disk cache',
    )
    .optional(),
  diskBytes: size(16 * MIB)
    .describe('What files of the disk cache may take')
    .prefault('10GiB'),
  diskObjects: whole(1000, 10_000_000)
    .describe('Objects in it at most; each takes about 300 bytes of memory')
    .prefault(1_000_000),
};
