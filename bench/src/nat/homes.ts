import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Cleanup } from '../process/cleanup.js';
import { type HeldNamespace, holdNamespace } from '../system/namespace.js';
import { LAN, routerRules, WAN } from './router-rules.js';
import type { HomeKind } from './rows.js';

const run = promisify(execFile);

const BRIDGE = 'eddyinet';
/** TEST-NET-3 of RFC 5737 is the internet here. */
const PUBLIC = '203.0.113';

/** A viewer's network: a namespace with a private address, and a router before it. */
export interface Home {
  readonly viewer: HeldNamespace;
  readonly privateAddress: string;
  /** Of its router: where others see it. */
  readonly publicAddress: string;
}

export interface Internet {
  /** Where servers of this namespace are reached from every home. */
  readonly address: string;
  readonly addHome: (kind: HomeKind) => Promise<Home>;
  readonly stop: () => Promise<void>;
}

/** A public network in this namespace. Only for a namespace of our own (`namespaced`), since it sets up interfaces. */
export async function startInternet(): Promise<Internet> {
  const cleanup = new Cleanup();
  const folder = await mkdtemp(join(tmpdir(), 'eddy-homes-'));
  cleanup.add(() => rm(folder, { recursive: true, force: true }));
  const ip = async (...args: string[]): Promise<void> => {
    await run('ip', args);
  };
  let homes = 0;
  try {
    await ip('link', 'add', BRIDGE, 'type', 'bridge');
    cleanup.add(() => ip('link', 'del', BRIDGE));
    await ip('addr', 'add', `${PUBLIC}.1/24`, 'dev', BRIDGE);
    await ip('link', 'set', BRIDGE, 'up');
  } catch (error) {
    await cleanup.run();
    throw error;
  }
  return {
    address: `${PUBLIC}.1`,
    addHome: async (kind) => {
      const index = ++homes;
      const [router, viewer] = [await holdNamespace(cleanup), await holdNamespace(cleanup)];
      const [publicAddress, gateway] = [`${PUBLIC}.${index + 10}`, `192.168.${index}.1`];
      const privateAddress = `192.168.${index}.2`;
      const outer = `eddyhome${index}`;
      await ip('link', 'add', outer, 'type', 'veth', 'peer', 'name', WAN, 'netns', String(router.pid));
      await ip('link', 'set', outer, 'master', BRIDGE, 'up');
      await router.run(
        ...([
          'ip',
          'link',
          'add',
          LAN,
          'type',
          'veth',
          'peer',
          'name',
          'eth0',
          'netns',
          String(viewer.pid),
        ] as const),
      );
      await attach(router, WAN, `${publicAddress}/24`, `${PUBLIC}.1`);
      await attach(router, LAN, `${gateway}/24`);
      await attach(viewer, 'eth0', `${privateAddress}/24`, gateway);
      const rules = join(folder, `router-${index}`);
      await writeFile(rules, routerRules(kind, privateAddress));
      await router.run('nft', '-f', rules);
      await router.run('sysctl', '-q', '-w', 'net.ipv4.ip_forward=1');
      return { viewer, privateAddress, publicAddress };
    },
    stop: () => cleanup.run(),
  };
}

async function attach(
  where: HeldNamespace,
  device: string,
  address: string,
  gateway?: string,
): Promise<void> {
  await where.run('ip', 'addr', 'add', address, 'dev', device);
  await where.run('ip', 'link', 'set', device, 'up');
  if (gateway !== undefined) await where.run('ip', 'route', 'add', 'default', 'via', gateway, 'dev', device);
}
