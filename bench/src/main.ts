import { readFile, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { resolve } from 'node:path';
import { Command, CommanderError, InvalidArgumentError } from 'commander';
import type { Bench, BenchOptions, SimulationOptions } from './bench.js';
import { BENCHES } from './catalog.js';
import { BenchError } from './errors.js';
import { reportJson } from './report/json.js';
import { withMarked } from './report/marked.js';
import { renderReport } from './report/render.js';

export interface MainComponents {
  readonly out: (text: string) => void;
  readonly progress: (line: string) => void;
  readonly signal: AbortSignal;
  /** What can be named. Default: the benches of this folder. */
  readonly benches?: readonly Bench[];
}

interface Given {
  readonly rounds?: number;
  readonly runs?: number;
  readonly seconds?: number;
  readonly contenders?: string[];
  readonly keep?: string;
  readonly json?: string;
  readonly only?: string[];
  readonly quick: boolean;
  readonly profile?: string;
  readonly warmUp: number;
  readonly patience: number;
  readonly viewers?: number;
  readonly seeds?: number;
  readonly up?: number;
  readonly down?: number;
  readonly rtt?: number;
  readonly schedule?: Record<string, number>;
}

const DEFAULTS = { rounds: 5, seconds: 2 };

function whole(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= min && value <= max) return value;
    throw new InvalidArgumentError(`Give a whole number from ${min} to ${max}.`);
  };
}

function namesOf(text: string): string[] {
  return text.split(',').map((name) => name.trim());
}

function figuresByName(text: string): Record<string, number> {
  return Object.fromEntries(
    text.split(',').map((pair) => {
      const [, name, value] = /^\s*(\w+)=(-?[\d.]+)\s*$/.exec(pair) ?? [];
      if (name === undefined) throw new InvalidArgumentError('Give name=number, with commas between.');
      return [name, Number(value)];
    }),
  );
}

function program(benches: readonly Bench[], components: MainComponents): Command {
  const names = benches
    .flatMap(({ name, summary, workloads = [] }) => [
      `  ${name.padEnd(10)} ${summary}`,
      ...workloads.map((workload) => `    ${workload.name.padEnd(26)} ${workload.summary}`),
    ])
    .join('\n');
  return new Command('bench')
    .description('Measures a part of Eddy beside its peers, in one run.')
    .usage('NAME [options]')
    .argument('[name]', 'what to measure')
    .option('--only <names>', 'only these workloads, by name with commas between', namesOf)
    .option('--quick', 'one short round of little work: to see that it runs, not a result', false)
    .option('--profile <folder>', 'in place of measuring, record CPU profiles into this folder')
    .option(
      '--json <file>',
      'also write everything that was measured, with the method (regions: and the tables of the .md beside it)',
    )
    .option('--contenders <names>', 'swarm: only these, by name with commas between', namesOf)
    .option('--keep <folder>', 'swarm: write everything seen of each viewer into this folder')
    .option('--rounds <n>', 'rounds; in each, everyone has one turn (default: 5; swarm: 1)', whole(1, 100))
    .option('--runs <n>', 'the same as --rounds', whole(1, 100))
    .option('--seconds <n>', 'seconds that count in each turn (default: 2; swarm: 60)', whole(1, 600))
    .option('--warm-up <n>', 'seconds of warm-up in each turn', whole(0, 600), 1)
    .option('--load-threads <n>', 'threads of the load generator', whole(1, 64), Math.min(cpus().length, 64))
    .option(
      '--patience <n>',
      'seconds the whole run may wait for the machine to be quiet',
      whole(0, 3600),
      120,
    )
    .option('--viewers <n>', 'simulate: viewers in each scenario', whole(1, 8_000))
    .option('--seeds <n>', 'simulate: runs of each scenario', whole(1, 1_000))
    .option('--up <mbit>', "simulate: each viewer's uplink", whole(1, 10_000))
    .option('--down <mbit>', "simulate: each viewer's downlink", whole(1, 10_000))
    .option('--rtt <ms>', 'simulate: to the edge and back', whole(0, 2_000))
    .option(
      '--schedule <list>',
      'simulate: scheduler options, as name=number with commas between',
      figuresByName,
    )
    .addHelpText('after', `\nNames:\n${names}`)
    .exitOverride()
    .configureOutput({ writeOut: components.out, writeErr: (text) => components.progress(text.trimEnd()) });
}

/** `seconds` has a default that is meant for servers under load. */
function simulationOf(
  given: Given & Pick<BenchOptions, 'seconds'>,
  secondsGiven: boolean,
): SimulationOptions {
  const { viewers, seeds, up, down, rtt, schedule, seconds } = given;
  const all = { viewers, seeds, up, down, rtt, schedule, seconds: secondsGiven ? seconds : undefined };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

/** `results/NAME.md` shows what `results/NAME.json` holds. No Markdown beside it: nothing is written. */
async function writeBeside(json: string, name: string, tables: string): Promise<void> {
  const file = json.replace(/\.json$/, '.md');
  const text = file === json ? undefined : await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) return;
  const begin = `<!-- ${name}: written by \`npm run bench -- ${name} --json\` -->`;
  await writeFile(file, withMarked(text, begin, `<!-- /${name} -->`, tables));
}

/** Runs the command line and returns the exit code: 0 measured, 1 failed, 2 used wrongly. */
export async function main(args: readonly string[], components: MainComponents): Promise<number> {
  const { out, progress, signal, benches = BENCHES } = components;
  try {
    const command = program(benches, components);
    command.parse([...args], { from: 'user' });
    const [name] = command.args;
    const bench = benches.find((candidate) => candidate.name === name);
    if (bench === undefined) {
      const known = benches
        .map((candidate) => `  ${candidate.name.padEnd(10)} ${candidate.summary}`)
        .join('\n');
      progress(
        `${name === undefined ? 'Which bench?' : `There is no bench ${JSON.stringify(name)}.`} Known are:\n${known}`,
      );
      return 2;
    }
    const given: Given & Pick<BenchOptions, 'loadThreads'> = command.opts();
    const { loadThreads, json, only, quick, profile, contenders, keep } = given;
    const defaults = bench.defaults ?? DEFAULTS;
    const { rounds, seconds, warmUp, patience } = quick
      ? { rounds: 1, seconds: 1, warmUp: 0, patience: 0 }
      : {
          ...given,
          rounds: given.rounds ?? given.runs ?? defaults.rounds,
          seconds: given.seconds ?? defaults.seconds,
        };
    if (json !== undefined) await writeFile(json, '', { flag: 'a' }); // Not to find out after minutes.
    const options = {
      rounds,
      seconds,
      loadThreads,
      warmUpSeconds: warmUp,
      patienceSeconds: patience,
      quick,
      ...(only === undefined ? {} : { only }),
      simulation: simulationOf({ ...given, seconds }, command.getOptionValueSource('seconds') === 'cli'),
      ...(contenders === undefined ? {} : { contenders }),
      ...(keep === undefined ? {} : { keep: resolve(keep) }),
    };
    if (profile !== undefined) {
      if (bench.profile === undefined)
        throw new BenchError('usage', `${bench.name} has no profile to record`);
      out(await bench.profile({ progress, signal }, options, profile));
      return 0;
    }
    const report = await bench.run({ progress, signal }, options);
    out(renderReport(report));
    if (json !== undefined) await writeFile(json, reportJson(report));
    if (json !== undefined && bench.tables !== undefined)
      await writeBeside(json, bench.name, bench.tables(report));
    return (report.unmeasured ?? []).length === 0 ? 0 : 1;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    if (signal.aborted) {
      progress('Interrupted; every server was stopped.');
      return 130;
    }
    if (error instanceof BenchError) {
      progress(`${error.message} (${error.code})`);
      return error.code === 'usage' ? 2 : 1;
    }
    progress(error instanceof Error ? (error.stack ?? error.message) : String(error));
    return 1;
  }
}
