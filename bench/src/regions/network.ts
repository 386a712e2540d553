import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { startChild } from '../process/child.js';
import { Cleanup } from '../process/cleanup.js';
import { type HeldNamespace, holdNamespace } from '../system/namespace.js';

const run = promisify(execFile);

export const REGIONS = ['north', 'south'] as const;
export type RegionName = (typeof REGIONS)[number];

/** From viewers to the edges of another region. */
export const FAR_ONE_WAY_MS = 20;
const FAR_CLIENT = fileURLToPath(new URL('./far-client.js', import.meta.url));
/** The first port at which a router relays what goes far. */
const FAR_PORT = 9_000;
const POP_BITS = '100mbit';
const VIEWER_DOWN_BITS = '20mbit';
const VIEWER_UP_BITS = '5mbit';
const BUCKET = ['burst', '64kb', 'latency', '200ms'];
/** Where origin, shield and bus are. */
export const CORE = '10.90.0.1';

/** A region: a router to which a PoP and viewers are attached, each by a link of their own. */
export interface Region {
  readonly name: RegionName;
  /** Where edges run. */
  readonly pop: HeldNamespace;
  /** Two, for two edges. */
  readonly popAddresses: readonly [string, string];
  readonly viewers: HeldNamespace;
  /** Nothing goes in or out of the PoP any more, and nobody is told: packets are lost. */
  readonly cutPop: () => Promise<void>;
  readonly mendPop: () => Promise<void>;
}

/** A port of a router, and where what comes to it goes. */
export interface FarWay {
  readonly port: number;
  readonly address: string;
  readonly addressPort: number;
}

export interface Network {
  readonly regions: Readonly<Record<RegionName, Region>>;
  readonly stop: () => Promise<void>;
}

/**
 * Two regions whose routers are joined in this namespace, where the origin is. What viewers say to edges of the other
 * region at `edgePort` takes longer: their router relays it, since few kernels have netem. Only for use inside a
 * namespace of our own (`namespaced`), since it sets up interfaces.
 */
export async function startNetwork(edgePort: number, signal: AbortSignal): Promise<Network> {
  const cleanup = new Cleanup();
  try {
    await run('ip', ['addr', 'add', `${CORE}/32`, 'dev', 'lo']);
    await run('sysctl', ['-q', '-w', 'net.ipv4.ip_forward=1']);
    const [north, south] = [await startRegion('north', 1, cleanup), await startRegion('south', 2, cleanup)];
    for (const [near, far] of [
      [north, south],
      [south, north],
    ] as const) {
      const ways = far.popAddresses.map(
        (address, index): FarWay => ({ port: FAR_PORT + index, address, addressPort: edgePort }),
      );
      cleanup.add(await relayFar(near.router, ways, signal));
    }
    return { regions: { north, south }, stop: () => cleanup.run() };
  } catch (error) {
    await cleanup.run();
    throw error;
  }
}

/** Returns how to stop it. */
async function relayFar(
  router: HeldNamespace,
  ways: readonly FarWay[],
  signal: AbortSignal,
): Promise<() => Promise<void>> {
  const table = 'add table ip far; add chain ip far in { type nat hook prerouting priority dstnat; }';
  const rules = ways.map(
    ({ port, address, addressPort }) =>
      `add rule ip far in iifname "viewers" ip daddr ${address} tcp dport ${addressPort} redirect to :${port}`,
  );
  await router.run('nft', [table, ...rules].join('; '));
  let log = (): string => '';
  const plan = JSON.stringify({ ways, oneWayMs: FAR_ONE_WAY_MS });
  const child = await startChild({
    ...{ name: 'the relay of a router', signal },
    ...router.line({ command: process.execPath, args: [FAR_CLIENT, plan] }),
    ready: async () => log().includes('relays'),
    onLog: (read) => {
      log = read;
    },
  });
  return child.stop;
}

async function startRegion(
  name: RegionName,
  index: number,
  cleanup: Cleanup,
): Promise<Region & { readonly router: HeldNamespace }> {
  const [router, pop, viewers] = [
    await holdNamespace(cleanup),
    await holdNamespace(cleanup),
    await holdNamespace(cleanup),
  ];
  const net = `10.90.${index}`;
  const core = { run: async (command: string, ...args: string[]) => (await run(command, args)).stdout };
  await join(core, `core-${name}`, `${net}.1`, router, 'core', `${net}.2`);
  await join(router, 'pop', `${net}.41`, pop, 'eth0', `${net}.42`);
  await join(router, 'viewers', `${net}.65`, viewers, 'eth0', `${net}.66`);
  await core.run('ip', 'route', 'add', `${net}.0/24`, 'via', `${net}.2`);
  await router.run('ip', 'route', 'add', 'default', 'via', `${net}.1`);
  await router.run('sysctl', '-q', '-w', 'net.ipv4.ip_forward=1');
  await pop.run('ip', 'route', 'add', 'default', 'via', `${net}.41`);
  await viewers.run('ip', 'route', 'add', 'default', 'via', `${net}.65`);
  const popAddresses = [`${net}.42`, `${net}.43`] as const;
  await pop.run('ip', 'addr', 'add', `${popAddresses[1]}/29`, 'dev', 'eth0');
  await limit(router, 'pop', POP_BITS);
  await limit(pop, 'eth0', POP_BITS);
  await limit(router, 'viewers', VIEWER_DOWN_BITS);
  await limit(viewers, 'eth0', VIEWER_UP_BITS);
  const drops = ['iifname "pop" drop', 'oifname "pop" drop'].map((rule) => `add rule ip cut through ${rule}`);
  const chain = 'add table ip cut; add chain ip cut through { type filter hook forward priority 0; }';
  return {
    ...{ name, pop, popAddresses, viewers, router },
    cutPop: async () => {
      await router.run('nft', [chain, ...drops].join('; '));
    },
    // Also where it was not cut.
    mendPop: async () => {
      await router.run('nft', 'add table ip cut; delete table ip cut');
    },
  };
}

type Runs = Pick<HeldNamespace, 'run'>;

/** Two ends of a cable. */
async function join(
  here: Runs,
  device: string,
  address: string,
  there: HeldNamespace,
  otherDevice: string,
  otherAddress: string,
): Promise<void> {
  const peer = ['peer', 'name', otherDevice, 'netns', String(there.pid)];
  await here.run('ip', 'link', 'add', device, 'type', 'veth', ...peer);
  await here.run('ip', 'addr', 'add', `${address}/29`, 'dev', device);
  await here.run('ip', 'link', 'set', device, 'up');
  await there.run('ip', 'addr', 'add', `${otherAddress}/29`, 'dev', otherDevice);
  await there.run('ip', 'link', 'set', otherDevice, 'up');
}

async function limit(where: HeldNamespace, device: string, rate: string): Promise<void> {
  await where.run('tc', 'qdisc', 'add', 'dev', device, 'root', 'tbf', 'rate', rate, ...BUCKET);
}
