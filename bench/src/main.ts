import { writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { Command, CommanderError, InvalidArgumentError } from 'commander';
import type { Bench, BenchOptions } from './bench.js';
import { BENCHES } from './catalog.js';
import { BenchError } from './errors.js';
import { reportJson } from './report/json.js';
import { renderReport } from './report/render.js';

export interface MainComponents {
  readonly out: (text: string) => void;
  readonly progress: (line: string) => void;
  readonly signal: AbortSignal;
  /** What can be named. Default: the benches of this folder. */
  readonly benches?: readonly Bench[];
}

interface Given {
  readonly json?: string;
  readonly only?: string[];
  readonly quick: boolean;
  readonly profile?: string;
  readonly warmUp: number;
  readonly patience: number;
}

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
    .option('--json <file>', 'also write everything that was measured, with the method')
    .option('--rounds <n>', 'rounds; in each, everyone has one turn', whole(1, 100), 5)
    .option('--seconds <n>', 'seconds that count in each turn', whole(1, 600), 2)
    .option('--warm-up <n>', 'seconds of warm-up in each turn', whole(0, 600), 1)
    .option('--load-threads <n>', 'threads of the load generator', whole(1, 64), Math.min(cpus().length, 64))
    .option(
      '--patience <n>',
      'seconds the whole run may wait for the machine to be quiet',
      whole(0, 3600),
      120,
    )
    .addHelpText('after', `\nNames:\n${names}`)
    .exitOverride()
    .configureOutput({ writeOut: components.out, writeErr: (text) => components.progress(text.trimEnd()) });
}

/** A bench's own defaults for what the person did not say. */
function unlessGiven(command: Command, defaults: Bench['defaults'] = {}): Bench['defaults'] {
  return Object.fromEntries(
    Object.entries(defaults).filter(([name]) => command.getOptionValueSource(name) === 'default'),
  );
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
    const given: Given & Pick<BenchOptions, 'rounds' | 'seconds' | 'loadThreads'> = command.opts();
    const { loadThreads, json, only, quick, profile } = given;
    const { rounds, seconds, warmUp, patience } = quick
      ? { rounds: 1, seconds: 1, warmUp: 0, patience: 0 }
      : { ...given, ...unlessGiven(command, bench.defaults) };
    if (json !== undefined) await writeFile(json, '', { flag: 'a' }); // Not to find out after minutes.
    const options = {
      rounds,
      seconds,
      loadThreads,
      warmUpSeconds: warmUp,
      patienceSeconds: patience,
      quick,
      ...(only === undefined ? {} : { only }),
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
