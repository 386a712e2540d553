import { CommanderError } from 'commander';
import { program, type Terminal } from './cli/commands.js';
import { describeError, OriginError } from './errors.js';

/** Exit status: 0 done, 1 failed, 2 asked wrongly. */
export async function run(argv: readonly string[], terminal: Terminal): Promise<0 | 1 | 2> {
  try {
    await program(terminal).parseAsync(argv, { from: 'user' });
    return 0;
  } catch (error) {
    // Commander has printed its own.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    terminal.err(`Error: ${describeError(error)}`);
    const asked = ['usage', 'bad-name', 'bad-url'];
    return error instanceof OriginError && asked.includes(error.code) ? 2 : 1;
  }
}

/** Runs as the process: signals stop long commands, a second one ends at once. */
export async function main(): Promise<void> {
  const stopping = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (stopping.signal.aborted) process.exit(1);
      stopping.abort();
    });
  }
  process.exitCode = await run(process.argv.slice(2), {
    out: (line) => process.stdout.write(`${line}\n`),
    err: (line) => process.stderr.write(`${line}\n`),
    environment: process.env,
    stop: stopping.signal,
  });
}
