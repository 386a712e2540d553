import { Command, CommanderError, Option } from 'commander';
import { addTokenCommand } from './access/tokens/token-command.js';
import { ConfigError } from './config/config-error.js';
import { checkConfigFile, loadConfig } from './config/load.js';
import { FolderInUseError } from './disk/disk-tier.js';
import { type RunningEdge, startEdge } from './edge.js';
import { boundHeapGrowth } from './heap-growth.js';
import { InsightError } from './insight/errors.js';
import { ListenError } from './listeners/listen-error.js';
import { readBuildInfo } from './telemetry/build-info.js';
import { launch, launchedFds } from './workers/launch.js';

/** Runs `eddy-edge` with these arguments (without program name). Sets the exit code; never throws. */
export async function runCli(args: readonly string[]): Promise<void> {
  const command = new Command('eddy-edge')
    .description('Caches HLS from object storage, introduces peers, takes in beacons, shows the dashboard')
    .version(readBuildInfo().version, '--version')
    .exitOverride()
    .option('--config <file>', 'settings as YAML or JSON (EDDY_CONFIG)')
    .option('--origin <url>', 'file:///dir, s3://bucket/prefix or http(s)://host/prefix (EDDY_ORIGIN)')
    .option('--listen <host:port>', 'public listener, default 127.0.0.1:8080 (EDDY_LISTEN)')
    .option('--admin <host:port>', 'admin listener, default 127.0.0.1:8081 (EDDY_ADMIN)')
    .option('--insight <host:port>', 'insight listener, default 127.0.0.1:8082 (EDDY_INSIGHT)')
    .option('--cache-memory <size>', 'memory for cached objects, default 256MiB (EDDY_CACHE_MEMORY)')
    .option('--cache-dir <dir>', 'where objects are kept that memory has no room for (EDDY_CACHE_DIR)')
    .option('--cache-disk <size>', 'what they may take there, default 10GiB (EDDY_CACHE_DISK)')
    .option('--data-dir <dir>', 'where insight keeps its database, default .eddy/edge (EDDY_DATA_DIR)')
    .addOption(
      new Option('--workers <n>', 'threads that serve the public listener, default 1 (EDDY_WORKERS)').default(
        undefined,
      ),
    )
    .action((flags: Record<string, unknown>) => serve(flags, args));
  command
    .command('check-config')
    .argument('<file>')
    .description('checks a settings file and says what is wrong with it')
    .action((file: string) => {
      for (const warning of checkConfigFile(file)) process.stderr.write(`eddy-edge: warning: ${warning}\n`);
      process.stdout.write(`${file} is valid\n`);
    });
  addTokenCommand(command);
  try {
    await command.parseAsync(args, { from: 'user' });
  } catch (error) {
    process.exitCode = report(error);
  }
}

async function serve(flags: Record<string, unknown>, args: readonly string[]): Promise<void> {
  const { config: file } = flags;
  const config = loadConfig({ file: typeof file === 'string' ? file : undefined, env: process.env, flags });
  const listeningFds = launchedFds(process.env);
  if (config.workers > 1 && listeningFds === undefined) {
    const program = process.argv[1] ?? '';
    const command = [...process.execArgv, program, ...args];
    process.exitCode = await launch({ address: config.listeners.public, workers: config.workers, command });
    return;
  }
  boundHeapGrowth();
  const edge = await startEdge(config, listeningFds === undefined ? {} : { listeningFds });
  stopOnSignals(edge);
  process.on('SIGHUP', () => void edge.reload());
  process.stdout.write(
    `eddy-edge serves ${edge.public.url} (admin ${edge.admin.url}, insight ${edge.insight.url})${edge.tls === undefined ? '' : ` and ${edge.tls.url}`}\n`,
  );
}

/** The first signal lets responses end, the second does not. */
function stopOnSignals(edge: RunningEdge): void {
  let signals = 0;
  const onSignal = (): void => {
    signals++;
    if (signals > 1) process.exit(1);
    edge.close().then(
      () => process.exit(0),
      (error: unknown) => {
        process.exitCode = report(error);
        process.exit();
      },
    );
  };
  // Whoever launched this process and holds its terminal is gone.
  process.on('disconnect', onSignal);
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
}

/** Says what went wrong; a stack only where it is our fault. Returns the exit code. */
function report(error: unknown): number {
  // Commander has said it already.
  if (error instanceof CommanderError) return error.exitCode;
  const known =
    error instanceof ConfigError ||
    error instanceof ListenError ||
    error instanceof InsightError ||
    error instanceof FolderInUseError;
  const lines = known
    ? error.message.split('\n')
    : [error instanceof Error ? (error.stack ?? error.message) : String(error)];
  for (const line of lines) process.stderr.write(`eddy-edge: ${line}\n`);
  return 1;
}
