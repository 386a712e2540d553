import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Cleanup } from '../process/cleanup.js';
import { type EdgeProcess, startEdgeProcess } from '../system/edge-process.js';
import { CORE, type Network, REGIONS, type RegionName } from './network.js';

const SHIELD = 'shield';
const SECRET = 'shared by all edges of the bench';
/** Players ask where to go as often, and come back over as long. */
const STEERING = { ttlMs: '4s', returnMs: '4s' };
const MEMORY = '64MB';
/** Five of them, and browsers, share few cores. */
const START_MS = 60_000;

/** One edge or shield, which can be ended and started again. */
export interface Node {
  readonly name: string;
  readonly region: RegionName | undefined;
  readonly url: string;
  readonly adminUrl: string;
  /** The process that runs now, or ran last. */
  readonly process: () => EdgeProcess;
  readonly kill: () => Promise<void>;
  /** With the same data folder. */
  readonly start: () => Promise<void>;
}

export interface Cdn {
  readonly shield: Node;
  /** Two of each region. */
  readonly edges: readonly Node[];
  readonly nodes: readonly Node[];
  readonly stop: () => Promise<void>;
}

export interface CdnOptions {
  readonly network: Network;
  /** What the shield and the edges fetch from. */
  readonly origin: string;
  readonly port: number;
  /** Undefined: edges know of each other by their settings, and players are not steered. */
  readonly busUrl: string | undefined;
}

/** A shield beside the origin, and two edges in each region. */
export async function startCdn(options: CdnOptions): Promise<Cdn> {
  const { network, port } = options;
  const cleanup = new Cleanup();
  try {
    const folder = await mkdtemp(join(tmpdir(), 'eddy-regions-'));
    cleanup.add(() => rm(folder, { recursive: true, force: true }));
    const places = REGIONS.flatMap((region) =>
      network.regions[region].popAddresses.map((address, index) => ({
        ...{ name: `${region}-${index + 1}`, region, address },
      })),
    );
    const all = [{ name: SHIELD, region: undefined, address: CORE }, ...places];
    const adminUrls = new Map(all.map(({ name, address }) => [name, `http://${address}:${port + 1}`]));
    const open = async ({ name, region, address }: (typeof all)[number]): Promise<Node> => {
      const dataDir = join(folder, name);
      const config = join(folder, `${name}.json`);
      const settings = settingsOf({ ...options, name, region, url: `http://${address}:${port}`, adminUrls });
      await writeFile(config, JSON.stringify({ name, ...settings }));
      const start = (): Promise<EdgeProcess> =>
        startEdgeProcess({
          ...{ origin: options.origin, dataDir, startMs: START_MS },
          args: [
            ...['--config', config, '--cache-memory', MEMORY, '--cache-dir', join(dataDir, 'cache')],
            ...['--listen', `${address}:${port}`, '--admin', `${address}:${port + 1}`],
          ],
          ...(region === undefined ? {} : { within: network.regions[region].pop.line }),
        });
      let running = await start();
      cleanup.add(() => running.stop());
      return {
        ...{ name, region, url: `http://${address}:${port}`, adminUrl: adminUrls.get(name) ?? '' },
        process: () => running,
        kill: () => running.kill(),
        start: async () => {
          running = await start();
        },
      };
    };
    const nodes = await Promise.all(all.map(open));
    const [shield, ...edges] = nodes;
    if (shield === undefined) throw new Error('there is no shield');
    return { shield, edges, nodes, stop: () => cleanup.run() };
  } catch (error) {
    await cleanup.run();
    throw error;
  }
}

interface Place {
  readonly name: string;
  readonly region: RegionName | undefined;
  readonly url: string;
  readonly busUrl: string | undefined;
  /** By name. */
  readonly adminUrls: ReadonlyMap<string, string>;
}

function settingsOf({ name, region, url, busUrl, adminUrls }: Place): object {
  const role = region === undefined ? 'shield' : 'edge';
  const others = [...adminUrls].filter(([other]) => other !== name);
  const known =
    busUrl === undefined
      ? {
          edges: others.flatMap(([other, adminUrl]) => (other === SHIELD ? [] : [adminUrl])),
          shields: others.flatMap(([other, adminUrl]) => (other === SHIELD ? [adminUrl] : [])),
          secret: SECRET,
        }
      : { bus: { urls: [busUrl] } };
  const cluster = { pop: region ?? SHIELD, role, siblingUrl: url, ...known };
  const rest = { insight: { enabled: false } };
  if (region === undefined) return { cluster, ...rest };
  const shield = busUrl === undefined ? { shield: { urls: [`http://${CORE}:${new URL(url).port}`] } } : {};
  const steering = {
    ...{ enabled: busUrl !== undefined, ...STEERING },
    pops: REGIONS.map((pop) => ({ name: pop, regions: [pop] })),
  };
  return { cluster: { ...cluster, publicUrl: url }, steering, ...shield, ...rest };
}
