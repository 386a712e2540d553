import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Cleanup } from '../process/cleanup.js';
import { holdNamespace } from './namespace.js';

const run = promisify(execFile);

const BRIDGE = 'eddybr0';
const NETWORK = '10.78.0';
/** A token bucket as home routers have it: little burst, and packets that wait longer than this are lost. */
const BUCKET = ['burst', '32kb', 'latency', '200ms'];

/** A network namespace behind an uplink of its own. */
export interface Uplink {
  /** A program that starts `command` behind this uplink, with the arguments that it is given. */
  readonly wrapper: (command: string) => Promise<string>;
}

export interface Uplinks {
  /** Where servers of the outer namespace are reached from behind every uplink. */
  readonly address: string;
  readonly uplinks: readonly Uplink[];
  readonly stop: () => Promise<void>;
}

/**
 * Network namespaces joined by a bridge, each of which sends at most `bitsPerSecond`; what they receive is not limited.
 * Only for use inside a namespace of our own (`namespaced`), since it sets up interfaces.
 */
export async function startUplinks(count: number, bitsPerSecond: number): Promise<Uplinks> {
  const cleanup = new Cleanup();
  const folder = await mkdtemp(join(tmpdir(), 'eddy-uplinks-'));
  cleanup.add(() => rm(folder, { recursive: true, force: true }));
  const ip = async (...args: string[]): Promise<void> => {
    await run('ip', args);
  };
  try {
    await ip('link', 'add', BRIDGE, 'type', 'bridge');
    cleanup.add(() => ip('link', 'del', BRIDGE));
    await ip('addr', 'add', `${NETWORK}.1/24`, 'dev', BRIDGE);
    await ip('link', 'set', BRIDGE, 'up');
    const uplinks: Uplink[] = [];
    for (let index = 0; index < count; index++) {
      const namespace = await holdNamespace(cleanup);
      const { pid, run: inside } = namespace;
      const [outer, inner] = [`eddyup${index}`, 'up0'];
      await ip('link', 'add', outer, 'type', 'veth', 'peer', 'name', inner, 'netns', String(pid));
      await ip('link', 'set', outer, 'master', BRIDGE, 'up');
      await inside('ip', 'addr', 'add', `${NETWORK}.${index + 11}/24`, 'dev', inner);
      await inside('ip', 'link', 'set', inner, 'up');
      await inside('ip', 'route', 'add', 'default', 'via', `${NETWORK}.1`, 'dev', inner);
      await inside(
        'tc',
        ...['qdisc', 'add', 'dev', inner, 'root', 'tbf', 'rate', `${bitsPerSecond}bit`, ...BUCKET],
      );
      uplinks.push({ wrapper: (command) => namespace.wrapper(folder, command) });
    }
    return { address: `${NETWORK}.1`, uplinks, stop: () => cleanup.run() };
  } catch (error) {
    await cleanup.run();
    throw error;
  }
}
