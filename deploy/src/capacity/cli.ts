import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readPrices } from '@eddy/edge/insight';
import { Command } from 'commander';
import { REPOSITORY } from '../paths.js';
import { egressCosts, machineCost } from './cost.js';
import { amount, readBusinesses, readMachines, readMeasured } from './inputs.js';
import { ASSUMPTIONS, type Business, type Machine, planBusiness } from './plan.js';
import { costsTable, edgesTable, type Line, sheet } from './sheet.js';

export const SHEET: string = join(REPOSITORY, 'docs', 'capacity.md');

/** Every business on every machine; businesses in order, machines within. */
export async function linesOf(
  businesses: readonly Business[],
  machines: readonly Machine[],
): Promise<Line[]> {
  const [measured, { plans }] = await Promise.all([readMeasured(), readPrices()]);
  return businesses.flatMap((business) =>
    machines.map((machine): Line => {
      const plan = planBusiness(business, machine, measured);
      return { plan, machines: machineCost(plan), egress: egressCosts(plan, plans) };
    }),
  );
}

/** The text of docs/capacity.md as it should be now. */
export async function sheetNow(): Promise<string> {
  const lines = await linesOf(await readBusinesses(), await readMachines());
  return sheet(lines, await readMeasured(), ASSUMPTIONS);
}

interface Flags {
  readonly monthly?: string;
  readonly peak?: string;
  readonly viewers?: string;
  readonly streams?: string;
  readonly popularity?: string;
  readonly together?: string;
  readonly able?: string;
  readonly business: string;
  readonly json?: boolean;
  readonly sheet?: boolean;
}

/** One of the businesses with what the flags say otherwise. @throws RangeError for what is not a number of its kind. */
export function adapted(business: Business, flags: Omit<Flags, 'business'>): Business {
  const number = (text: string | undefined, usual: number, most: number): number => {
    const value = text === undefined ? usual : Number(text);
    if (value >= 0 && value <= most) return value;
    throw new RangeError(`${text} is not a number from 0 to ${most}`);
  };
  return {
    ...business,
    monthlyBytes: flags.monthly === undefined ? business.monthlyBytes : amount(flags.monthly, 'bytes'),
    peakBitsPerSecond: flags.peak === undefined ? business.peakBitsPerSecond : amount(flags.peak, 'bits'),
    viewers: number(flags.viewers, business.viewers, 1e8),
    streams: number(flags.streams, business.streams, 100_000),
    popularity: number(flags.popularity, business.popularity, 3),
    together: number(flags.together, business.together, 1),
    able: number(flags.able, business.able, 1),
  };
}

/** `capacity.mjs`. Returns the exit code: 2 for what was asked wrongly. */
export async function run(
  args: readonly string[],
  out: (text: string) => void = console.log,
): Promise<number> {
  const command = new Command('capacity')
    .description('How many edges a business needs, and what they cost, without peers and with them.')
    .option(
      '--business <name>',
      'which of deploy/capacity/businesses.yaml the others are changes of; or all',
      'all',
    )
    .option('--monthly <volume>', 'bytes that viewers play in a month, such as 3PB')
    .option('--peak <rate>', 'bits a second that they play at the peak, such as 25Gbit')
    .option('--viewers <number>', 'at the peak')
    .option('--streams <number>', 'that they watch then')
    .option('--popularity <exponent>', "Zipf's exponent: 0 is even")
    .option('--together <share>', 'of the viewers of a stream who are at one place of it, 0 to 1')
    .option('--able <share>', 'of viewers who can and may share, 0 to 1')
    .option('--json', 'everything, for other programs')
    .option('--sheet', 'write docs/capacity.md anew')
    .parse([...args], { from: 'user' });
  const flags = command.opts<Flags>();
  try {
    if (flags.sheet === true) {
      await writeFile(SHEET, await sheetNow());
      return 0;
    }
    const all = await readBusinesses();
    const chosen = all.filter(({ name }) => flags.business === 'all' || name === flags.business);
    if (chosen.length === 0)
      throw new RangeError(
        `there is no business ${flags.business}: ${all.map(({ name }) => name).join(', ')}`,
      );
    const lines = await linesOf(
      chosen.map((business) => adapted(business, flags)),
      await readMachines(),
    );
    if (flags.json === true) out(JSON.stringify({ assumptions: ASSUMPTIONS, lines }, null, 2));
    else out(`${edgesTable(lines)}\n\n${costsTable(lines)}`);
    return 0;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    console.error(error.message);
    return 2;
  }
}
