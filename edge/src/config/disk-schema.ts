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
    .optional(),
  diskBytes: size(16 * MIB).prefault('10GiB'),
  diskObjects: whole(1000, 10_000_000).prefault(1_000_000),
};
