import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { DEPLOY, REPOSITORY } from '../paths.js';
import { type Measured, measuredFrom } from './measured.js';
import type { Business, Machine } from './plan.js';

const UNITS = { MB: 1e6, GB: 1e9, TB: 1e12, PB: 1e15, Mbit: 1e6, Gbit: 1e9, Tbit: 1e12 } as const;

/** `3PB` or `25Gbit` as a number of bytes or bits. @throws RangeError for anything else. */
export function amount(text: string, units: 'bytes' | 'bits'): number {
  const [, digits, unit] = /^(\d+(?:\.\d+)?)([MGTP]B|[MGT]bit)$/.exec(text) ?? [];
  const known = unit !== undefined && unit.endsWith('bit') === (units === 'bits');
  if (digits === undefined || !known) {
    throw new RangeError(
      `${text} is not ${units === 'bits' ? 'a rate such as 25Gbit' : 'a volume such as 3PB'}`,
    );
  }
  return Number(digits) * UNITS[unit as keyof typeof UNITS];
}

const quantity = (units: 'bytes' | 'bits'): z.ZodType<number, unknown> =>
  z.string().transform((text, context) => {
    try {
      return amount(text, units);
    } catch (error) {
      context.addIssue({ code: 'custom', message: error instanceof Error ? error.message : String(error) });
      return z.NEVER;
    }
  });
const share = z.number().min(0).max(1);

const business = z
  .strictObject({
    name: z.string().min(1),
    what: z.string().min(1),
    monthly: quantity('bytes'),
    peak: quantity('bits'),
    viewers: z.number().int().positive(),
    streams: z.number().int().positive().max(100_000),
    popularity: z.number().min(0).max(3),
    together: share,
    able: share,
  })
  .transform(
    ({ monthly, peak, ...rest }): Business => ({ ...rest, monthlyBytes: monthly, peakBitsPerSecond: peak }),
  );

const machine = z
  .strictObject({
    name: z.string().min(1),
    cores: z.number().positive(),
    memoryGiB: z.number().positive(),
    nicGbit: z.number().positive(),
    perMonth: z.number().nonnegative(),
    currency: z.string().regex(/^[A-Z]{3}$/),
    source: z.string().min(1),
  })
  .transform(
    ({ memoryGiB, nicGbit, ...rest }): Machine => ({
      ...rest,
      memoryBytes: memoryGiB * 2 ** 30,
      nicBitsPerSecond: nicGbit * 1e9,
    }),
  );

const businesses = z.strictObject({ businesses: z.array(business).min(1) });
const machines = z.strictObject({ machines: z.array(machine).min(1) });

export const BUSINESSES_FILE: string = join(DEPLOY, 'capacity', 'businesses.yaml');
export const MACHINES_FILE: string = join(DEPLOY, 'capacity', 'machines.yaml');

async function read<Value>(file: string, schema: z.ZodType<Value, unknown>): Promise<Value> {
  const result = schema.safeParse(parse(await readFile(file, 'utf8')));
  if (result.success) return result.data;
  const problems = result.error.issues.map(
    ({ path, message }) => `${path.map(String).join('.')}: ${message}`,
  );
  throw new RangeError(`${file}: ${problems.join('; ')}`);
}

/** @throws RangeError with every problem of the file. */
export async function readBusinesses(file: string = BUSINESSES_FILE): Promise<Business[]> {
  return (await read(file, businesses)).businesses;
}

/** @throws RangeError with every problem of the file. */
export async function readMachines(file: string = MACHINES_FILE): Promise<Machine[]> {
  return (await read(file, machines)).machines;
}

/** What the kept results of benches say. @throws RangeError that names what they lack. */
export async function readMeasured(): Promise<Measured> {
  const [edge, swarm, simulate] = await Promise.all(
    ['edge.json', 'swarm.json', 'simulate.json'].map(
      async (name): Promise<unknown> =>
        JSON.parse(await readFile(join(REPOSITORY, 'bench', 'results', name), 'utf8')),
    ),
  );
  return measuredFrom(edge, swarm, simulate);
}
