import { Command, Option } from 'commander';
import { DEFAULT_MAX_BODY_BYTES } from '../ingest/limits.js';
import { serve } from '../ingest/serve.js';
import { type LiveEvent, live } from '../live/live.js';
import { publish } from '../package/publish.js';
import { openStore } from '../storage/open-store.js';
import { isLoopback, parseListen, parseSeconds, parseSize, parseWindow } from './arguments.js';
import { progressPrinter } from './progress.js';

/** What commands need of the process. */
export interface Terminal {
  readonly out: (line: string) => void;
  readonly err: (line: string) => void;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Aborts on SIGINT or SIGTERM. */
  readonly stop: AbortSignal;
}

const TO =
  'where to: file:///dir or s3://bucket/prefix (endpoint, region and credentials from the AWS variables)';

export function program(terminal: Terminal): Command {
  const command = new Command('eddy-origin')
    .description('Puts video into object storage as CMAF HLS, for Eddy edges to serve.')
    .configureOutput({
      writeOut: (text) => terminal.out(text.trimEnd()),
      writeErr: (text) => terminal.err(text.trimEnd()),
    })
    .exitOverride()
    .showHelpAfterError('(--help shows how)');
  command.addCommand(publishCommand(terminal));
  command.addCommand(liveCommand(terminal));
  command.addCommand(serveCommand(terminal));
  for (const sub of command.commands) sub.copyInheritedSettings(command);
  return command;
}

function publishCommand({ out, err, stop }: Terminal): Command {
  return new Command('publish')
    .description('Package one or several MP4s (renditions of one video) and store them.')
    .argument('<input.mp4...>', 'renditions of one video; sound comes from the first that has some')
    .requiredOption('--to <url>', TO)
    .option('--name <name>', "presentation's name (default: the first input's file name)")
    .option('--segment-seconds <seconds>', 'segments end at the first keyframe from then on', parseSeconds, 4)
    .action(async (inputs: string[], options: { to: string; name?: string; segmentSeconds: number }) => {
      const store = openStore(options.to);
      try {
        const onProgress = progressPrinter(err, () => performance.now());
        const { to: _, ...settings } = options;
        const published = await publish({ store, onProgress }, { inputs, ...settings, signal: stop });
        for (const warning of published.warnings) err(`Warning: ${warning}`);
        out(
          `Published ${published.name}: ${published.seconds.toFixed(2)} s, ${(published.bytes / 1e6).toFixed(1)} MB`,
        );
        for (const { label, codec, segments, key } of published.renditions)
          out(`  ${label}  ${codec}  ${segments} segments  ${key}`);
        out(`${store.url.replace(/\/$/, '')}/${published.key}`);
      } finally {
        store.close();
      }
    });
}

function liveCommand({ out, err, stop }: Terminal): Command {
  return new Command('live')
    .description('Play files out as an endless live stream, until Ctrl-C.')
    .argument('<input.mp4...>', 'renditions of one video; sound comes from the first that has some')
    .requiredOption('--to <url>', TO)
    .option('--name <name>', "stream's name (default: the first input's file name)")
    .option('--segment-seconds <seconds>', 'segments end at the first keyframe from then on', parseSeconds, 2)
    .option('--window <segments>', 'segments in the playlists', parseWindow, 8)
    .action(
      async (
        inputs: string[],
        options: { to: string; name?: string; segmentSeconds: number; window: number },
      ) => {
        const store = openStore(options.to);
        try {
          const { to: _, ...settings } = options;
          const onEvent = (event: LiveEvent): void => reportLive(event, store.url, out, err);
          await live({ store, onEvent }, { inputs, ...settings, signal: stop });
        } finally {
          store.close();
        }
      },
    );
}

function reportLive(
  event: LiveEvent,
  url: string,
  out: (line: string) => void,
  err: (line: string) => void,
): void {
  if (event.type === 'started')
    out(`Live (${event.renditions.join(', ')}): ${url.replace(/\/$/, '')}/${event.key}`);
  if (event.type === 'segment' && event.lateMs > 2000)
    err(`Segment ${event.sequence} was ${(event.lateMs / 1000).toFixed(1)} s late.`);
  if (event.type === 'store-error') err(`${event.message} Trying again in ${event.retryMs / 1000} s.`);
  if (event.type === 'store-recovered') err('The store works again.');
  if (event.type === 'ended') out(`Ended after ${event.segments} segments.`);
}

function serveCommand({ out, err, environment, stop }: Terminal): Command {
  return new Command('serve')
    .description('Take in live streams and uploads by HTTP PUT, say from ffmpeg -f hls -method PUT.')
    .requiredOption('--to <url>', TO)
    .addOption(
      new Option('--listen <host:port>', 'address')
        .argParser(parseListen)
        .default({ host: '127.0.0.1', port: 8090 }, '127.0.0.1:8090'),
    )
    .option('--max-body <size>', 'largest object, say 64m', parseSize, DEFAULT_MAX_BODY_BYTES)
    .addHelpText(
      'after',
      '\nEDDY_INGEST_TOKEN, when set, must come as "Authorization: Bearer TOKEN" with everything that writes.',
    )
    .action(async (options: { to: string; listen: { host: string; port: number }; maxBody: number }) => {
      const store = openStore(options.to);
      try {
        const token = environment.EDDY_INGEST_TOKEN;
        const server = await serve(
          {
            store,
            onRequest: ({ method, key, status, bytes }) => err(`${method} ${key} ${status} ${bytes}`),
          },
          { ...options.listen, maxBodyBytes: options.maxBody, ...(token ? { token } : {}) },
        );
        out(`Taking in at ${server.url} for ${store.url}`);
        if (!token && !isLoopback(options.listen.host)) {
          err('Warning: anybody who reaches this address can write. Set EDDY_INGEST_TOKEN.');
        }
        await new Promise<void>((resolve) => {
          if (stop.aborted) resolve();
          else stop.addEventListener('abort', () => resolve());
        });
        await server.stop();
        out('Stopped.');
      } finally {
        store.close();
      }
    });
}
