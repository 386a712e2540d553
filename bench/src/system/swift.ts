import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { BenchError } from '../errors.js';
import { type Child, startChild } from '../process/child.js';
import { Cleanup } from '../process/cleanup.js';
import { requireCommands } from '../process/commands.js';
import { freePorts } from './ports.js';
import { SWIFT_SERVICES, type SwiftLayout, type SwiftService, swiftConfig } from './swift-config.js';

const run = promisify(execFile);
const NEEDS = [
  ...SWIFT_SERVICES.map((service) => ({
    command: `swift-${service}-server`,
    debianPackage: `swift-${service}`,
  })),
  { command: 'swift-ring-builder', debianPackage: 'swift' },
];
const REGION = 'us-east-1';
/** Another process may take a port between finding it free and using it. */
const ATTEMPTS = 3;

export interface SwiftOptions {
  /** Stops the start. Default: never. */
  readonly signal?: AbortSignal;
}

/** A running OpenStack Swift that speaks S3 on loopback. */
export interface Swift {
  /** Without a slash at the end; buckets are in the path. */
  readonly endpoint: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Where it keeps everything; gone after `stop`. */
  readonly folder: string;
  /** The usual AWS variables, for programs that read `s3://` URLs. */
  readonly environment: Readonly<Record<string, string>>;
  /** Makes an empty bucket and returns its name. Default name: a new one. */
  readonly createBucket: (name?: string) => Promise<string>;
  /** The end of what its processes wrote, for when it misbehaves. */
  readonly log: () => string;
  /** Ends its processes and removes its folder. */
  readonly stop: () => Promise<void>;
}

async function buildRing(builder: string, layout: SwiftLayout, service: SwiftService): Promise<void> {
  const file = join(layout.folder, 'etc', `${service}.builder`);
  // 16 partitions, one replica, and no hours to wait before a partition may move again.
  await run(builder, [file, 'create', '4', '1', '0']);
  await run(builder, [file, 'add', `r1z1-127.0.0.1:${layout.ports[service]}/disk`, '1']);
  await run(builder, [file, 'rebalance']);
}

async function answers(port: number): Promise<boolean> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/healthcheck`, {
      signal: AbortSignal.timeout(2_000),
    });
    await response.arrayBuffer();
    return response.ok;
  } catch {
    return false;
  }
}

async function startProcesses(
  command: (name: string) => string,
  layout: SwiftLayout,
  signal: AbortSignal,
): Promise<Pick<Swift, 'log' | 'stop'>> {
  const cleanup = new Cleanup();
  cleanup.add(() => rm(layout.folder, { recursive: true, force: true }));
  try {
    await mkdir(join(layout.folder, 'etc'));
    await mkdir(join(layout.folder, 'disks', 'disk'), { recursive: true });
    await Promise.all(
      SWIFT_SERVICES.map(async (service) => {
        const file = join(layout.folder, 'etc', `${service}-server.conf`);
        await writeFile(file, swiftConfig(layout, service), { mode: 0o600 });
        if (service !== 'proxy') await buildRing(command('swift-ring-builder'), layout, service);
      }),
    );
    const start = (service: SwiftService): Promise<Child> =>
      startChild({
        name: `swift-${service}-server`,
        command: command(`swift-${service}-server`),
        // Verbose: the log goes to the console too.
        args: [join(layout.folder, 'etc', `${service}-server.conf`), '--verbose'],
        ready: () => answers(layout.ports[service]),
        signal,
      });
    const started = await Promise.allSettled(SWIFT_SERVICES.map(start));
    for (const outcome of started) if (outcome.status === 'fulfilled') cleanup.add(outcome.value.stop);
    for (const outcome of started) if (outcome.status === 'rejected') throw outcome.reason;
    const children = started.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
    return {
      log: () => children.map((child) => child.log()).join(''),
      stop: () => cleanup.run(),
    };
  } catch (error) {
    await cleanup.run();
    throw error;
  }
}

function portTaken(error: unknown): boolean {
  return error instanceof BenchError && /address already in use|could not bind/i.test(error.message);
}

/**
 * Starts account, container, object and proxy server in a new temporary folder: one disk, one replica, a
 * user with a random secret. Takes about three seconds.
 * Throws {@link BenchError} `command-missing` (with the packages to install) or `start-failed` (with the end of the log).
 */
export async function startSwift(options: SwiftOptions = {}): Promise<Swift> {
  const { signal = new AbortController().signal } = options;
  const command = await requireCommands(NEEDS);
  for (let attempt = 1; ; attempt++) {
    const [account = 0, container = 0, object = 0, proxy = 0] = await freePorts(SWIFT_SERVICES.length);
    const layout: SwiftLayout = {
      folder: await mkdtemp(join(tmpdir(), 'eddy-swift-')),
      ports: { account, container, object, proxy },
      user: userInfo().username,
      region: REGION,
      account: 'eddy',
      accountUser: 'publisher',
      secret: randomBytes(16).toString('hex'),
    };
    try {
      return swiftAt(layout, await startProcesses(command, layout, signal));
    } catch (error) {
      if (attempt === ATTEMPTS || !portTaken(error)) throw error;
    }
  }
}

function swiftAt(layout: SwiftLayout, { log, stop }: Pick<Swift, 'log' | 'stop'>): Swift {
  const endpoint = `http://127.0.0.1:${layout.ports.proxy}`;
  const accessKeyId = `${layout.account}:${layout.accountUser}`;
  const secretAccessKey = layout.secret;
  const client = new S3Client({
    endpoint,
    region: layout.region,
    credentials: { accessKeyId, secretAccessKey },
    forcePathStyle: true,
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  });
  return {
    endpoint,
    region: layout.region,
    accessKeyId,
    secretAccessKey,
    folder: layout.folder,
    environment: {
      AWS_ENDPOINT_URL_S3: endpoint,
      AWS_REGION: layout.region,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
    },
    createBucket: async (name = `eddy-${randomBytes(6).toString('hex')}`) => {
      await client.send(new CreateBucketCommand({ Bucket: name })).catch((error: Error) => {
        throw new BenchError('start-failed', `no bucket ${name}: ${error.message} Swift wrote:\n${log()}`);
      });
      return name;
    },
    log,
    stop: async () => {
      client.destroy();
      await stop();
    },
  };
}
