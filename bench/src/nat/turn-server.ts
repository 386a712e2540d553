import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startChild } from '../process/child.js';
import { requireCommands } from '../process/commands.js';

/** A relay is closed a second after the player let go of it. */
const PATIENCE_MS = 5_000;
const NEEDS = [{ command: 'turnserver', debianPackage: 'coturn' }];

/** A running coturn that answers STUN to everybody, and relays for whoever the edge gave credentials to. */
export interface TurnServer {
  readonly stunUrl: string;
  readonly turnUrls: readonly string[];
  /** Shared with the edge. */
  readonly secret: string;
  /**
   * Bytes that it took in and gave out for a player, on both sides of the relay, by the edge's name of the player.
   * Waits until the player's relays are closed, which is when coturn tells; what it has not told by then is missing.
   */
  readonly relayed: (player: string) => Promise<number>;
  readonly stop: () => Promise<void>;
}

export interface TurnServerOptions {
  readonly address: string;
  readonly port: number;
  readonly signal: AbortSignal;
}

/** Throws BenchError `command-missing`, `start-failed`. */
export async function startTurnServer({ address, port, signal }: TurnServerOptions): Promise<TurnServer> {
  const command = (await requireCommands(NEEDS))('turnserver');
  const folder = await mkdtemp(join(tmpdir(), 'eddy-turn-'));
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  const secret = 'shared by the edge and coturn';
  const [file, logFile] = [join(folder, 'turnserver.conf'), join(folder, 'log')];
  // What it tells on stdout ends with its first lines.
  const log = (): Promise<string> => readFile(logFile, 'utf8').catch(() => '');
  const settings = {
    ...{ 'listening-ip': address, 'relay-ip': address, 'listening-port': port },
    ...{ realm: 'eddy', 'static-auth-secret': secret, userdb: join(folder, 'turndb') },
    ...{ pidfile: join(folder, 'pid'), 'log-file': logFile },
  };
  const flags = ['use-auth-secret', 'fingerprint', 'no-cli', 'no-tls', 'no-dtls', 'simple-log', 'verbose'];
  const lines = [...Object.entries(settings).map(([key, value]) => `${key}=${value}`), ...flags];
  await writeFile(file, `${lines.join('\n')}\n`);
  const child = await startChild({
    name: 'coturn',
    command,
    args: ['-c', file, '--relay-threads', '1'],
    cwd: folder,
    ready: async () => (await log()).includes(`UDP listener opened on: ${address}:${port}`),
    signal,
  }).catch(async (error: unknown) => {
    await remove();
    throw error;
  });
  const at = `${address}:${port}`;
  return {
    stunUrl: `stun:${at}`,
    turnUrls: [`turn:${at}?transport=udp`, `turn:${at}?transport=tcp`],
    secret,
    relayed: async (player) => {
      const lastLook = performance.now() + PATIENCE_MS;
      while (openRelays(await log(), player) > 0 && performance.now() < lastLook) await sleep(50);
      return relayedOf(await log(), player);
    },
    stop: async () => {
      await child.stop();
      await remove();
    },
  };
}

/** Relays of a player that are told to have been opened and not to have been closed. */
export function openRelays(log: string, player: string): number {
  let open = 0;
  for (const [, step, name] of log.matchAll(/(new, |delete: )realm=<[^>]*>, username=<\d+:([^>]*)>/g)) {
    if (name === player) open += step === 'new, ' ? 1 : -1;
  }
  return open;
}

/** Sums up what the log says of a player's connections as they end: `username=<end:player>, rp=…, rb=…, sp=…, sb=…`. */
export function relayedOf(log: string, player: string): number {
  let bytes = 0;
  for (const [, name, received, sent] of log.matchAll(
    /usage: .*username=<\d+:([^>]*)>, rp=\d+, rb=(\d+), sp=\d+, sb=(\d+)/g,
  )) {
    if (name === player) bytes += Number(received) + Number(sent);
  }
  return bytes;
}
