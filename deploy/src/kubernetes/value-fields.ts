import { z } from 'zod';

/** What every part of the values is made of. */
export const name: z.ZodType<string, string> = z
  .string()
  .regex(/^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$/, 'is not a name of at most 40 of a-z, 0-9 and hyphen');
/** An amount as Kubernetes writes it. */
export const quantity: z.ZodType<string, string> = z
  .string()
  .regex(
    /^\d+(\.\d+)?(m|[kMGTP]|[KMGTP]i)?$/,
    'is not a quantity such as 500m, 2, 4Gi or 100G (with quotes)',
  );
export const labels: z.ZodType<Record<string, string>, Record<string, string>> = z.record(
  z.string().regex(/^([a-z0-9.-]+\/)?[\w.-]{1,63}$/, 'is not the name of a label'),
  z.string().max(63),
);
/** An image that does not move: with a version or a digest. */
export const image: z.ZodType<string, string> = z
  .string()
  .regex(
    /^[a-z0-9][\w./:-]*(@sha256:[0-9a-f]{64}|:v?\d[\w.-]*|:[0-9a-f]{12,40})$/,
    'is not an image with a version, a commit or a digest, such as registry.example/eddy:0.1.0',
  );
export const url: z.ZodType<string, string> = z.url({
  protocol: /^https?$/,
  message: 'is not an http(s) URL',
});
export const count = (min: number, max: number): z.ZodType<number, number> =>
  z.number().int().min(min).max(max);
/** Bytes a second, as 125MB or a number. */
export const byteRate: z.ZodType<number, string | number> = z
  .union([
    z.number().positive(),
    z.string().regex(/^\d+(\.\d+)?[MG]B$/, 'is not a rate such as 500MB (a second)'),
  ])
  .transform((given) => {
    if (typeof given === 'number') return given;
    return Number.parseFloat(given) * (given.endsWith('GB') ? 1e9 : 1e6);
  });

/** Bytes of a quantity, for those that are memory or disk. */
export function quantityBytes(text: string): number {
  const [, number = '0', unit = ''] = /^([\d.]+)(\w*)$/.exec(text) ?? [];
  const binary = ['Ki', 'Mi', 'Gi', 'Ti', 'Pi'].indexOf(unit) + 1;
  const decimal = ['k', 'M', 'G', 'T', 'P'].indexOf(unit) + 1;
  return Math.floor(Number(number) * (binary > 0 ? 1024 ** binary : 1000 ** decimal));
}
