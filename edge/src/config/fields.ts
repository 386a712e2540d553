import { z } from 'zod';
import { type ListenAddress, parseListenAddress } from './address.js';
import { parseDuration, parseSize } from './units.js';

/**
 * What every part of the schema is made of. `meta.what` is what the reference calls a value (`config/reference.ts`); each
 * setting has a `describe`, and `meta.default` where its default is more than a value.
 */
export type Field<Value> = z.ZodType<Value, number | string>;

/** A value that files may write as a number or as text, and environment and flags always write as text. */
export function measure(
  what: string,
  parse: (text: string) => number | undefined,
  min: number,
  max: number,
): Field<number> {
  return z
    .union([z.number(), z.string()])
    .transform((given, context) => {
      const value = typeof given === 'number' ? given : parse(given);
      if (value === undefined || !Number.isFinite(value) || value < min || value > max) {
        context.addIssue({ code: 'custom', message: `${JSON.stringify(given)} is not ${what}` });
        return z.NEVER;
      }
      return value;
    })
    .meta({ what });
}

export const size = (min: number): Field<number> =>
  measure(`a size of at least ${min} bytes, such as 256MiB`, parseSize, min, Number.MAX_SAFE_INTEGER);
export const duration = (minMs: number): Field<number> =>
  measure(
    `a time of at least ${minMs} ms, such as 500ms, 30s or 5m (a number is milliseconds)`,
    parseDuration,
    minMs,
    1000 * 365 * 86_400_000,
  );
/** Node keeps timers as 32-bit milliseconds. */
export const timeout: Field<number> = measure(
  'a time from 1ms to 24d, such as 500ms or 30s (a number is milliseconds)',
  parseDuration,
  1,
  2 ** 31 - 1,
);
export const whole = (min: number, max: number): Field<number> =>
  measure(
    `a whole number from ${min} to ${max}`,
    (text) => (/^\d+$/.test(text) ? Number(text) : undefined),
    min,
    max,
  ).refine(Number.isInteger, { message: `is not a whole number from ${min} to ${max}` });
export const flag: z.ZodType<boolean, boolean | 'true' | 'false'> = z
  .union([z.boolean(), z.enum(['true', 'false']).transform((text) => text === 'true')])
  .meta({ what: 'true or false' });
export const address: z.ZodType<ListenAddress, string> = z
  .string()
  .transform((text, context) => {
    const parsed = parseListenAddress(text);
    if (parsed !== undefined) return parsed;
    context.addIssue({
      code: 'custom',
      message: `${JSON.stringify(text)} is not HOST:PORT, such as 127.0.0.1:8080`,
    });
    return z.NEVER;
  })
  .meta({ what: 'HOST:PORT' });
/** A list in files; in environment variables with commas between. */
export function listOf(
  item: z.ZodType<string, string>,
  most: number,
): z.ZodType<string[], string | string[]> {
  const list = z.array(item).max(most);
  const listed = z.union([
    list,
    z
      .string()
      .transform((text) => text.split(',').flatMap((part) => (part.trim() === '' ? [] : [part.trim()])))
      .pipe(list),
  ]);
  return listed.meta({ what: `a list of at most ${most}` });
}
