import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { startChild } from '../process/child.js';
import { ORIGIN_BIN } from '../system/command-line.js';
import { startEdgeProcess } from '../system/edge-process.js';
import { fleetState } from './fleet.js';
import { BALANCERS, HOSTS, MORE_HOSTS } from './hosts.js';
import { type HostLine, writeInventory } from './inventory.js';
import { LAB_ADDRESS, Lab } from './lab/lab.js';
import { startLoad, writeLoadObjects } from './load.js';
import type { EdgeState, Phase } from './phase.js';
import { runPlaybook } from './playbook.js';
import { breakMedia, breakStart, buildRelease, deriveRelease, hasRelease } from './releases.js';
import { STEPS, type Step } from './steps.js';

export interface RehearsalPlan {
  /** The sample that is played out as a live stream. */
  readonly sample: string;
  /** Where releases are kept from run to run; built anew where it has none. Default: nowhere. */
  readonly releases?: string;
  /** Names of steps to take after the first install. Default: all. */
  readonly only?: readonly string[];
  /** A folder to write what was seen into, step by step. */
  readonly keep?: string;
  /** Requests a second to each balancer. */
  readonly perSecond: number;
}

export interface Rehearsal {
  readonly phases: readonly Phase[];
}

const ORIGIN_PORT = 8090;
const CHECK_PATH = '/load/0.m4s';

/** Two territories under load, through everything that an operator does with them. Runs in a network namespace. */
export async function rehearse(plan: RehearsalPlan, tell: (line: string) => void): Promise<Rehearsal> {
  const lab = await Lab.open();
  // Whoever interrupts leaves no machine behind.
  const stop = (): void => void lab.close().finally(() => process.exit(1));
  process.once('SIGTERM', stop);
  try {
    return { phases: await new Rehearsing(lab, plan, tell).run() };
  } finally {
    process.off('SIGTERM', stop);
    await lab.close();
  }
}

class Rehearsing {
  readonly #lab: Lab;
  readonly #plan: RehearsalPlan;
  readonly #tell: (line: string) => void;
  readonly #phases: Phase[] = [];
  #hosts: readonly HostLine[] = HOSTS;

  constructor(lab: Lab, plan: RehearsalPlan, tell: (line: string) => void) {
    this.#lab = lab;
    this.#plan = plan;
    this.#tell = tell;
  }

  async run(): Promise<Phase[]> {
    await this.#startOrigin();
    await this.#makeReleases();
    await this.#boot(HOSTS);
    await this.#writeInventory();
    await this.#mustPlay('balancers.yaml');
    const { only } = this.#plan;
    const [install, ...later] = STEPS;
    const wanted = later.filter(({ name }) => only?.includes(name) ?? true);
    for (const step of install === undefined ? wanted : [install, ...wanted]) await this.#take(step);
    return this.#phases;
  }

  get #site(): string {
    return join(this.#lab.folder, 'site');
  }

  get #releases(): string {
    return this.#plan.releases ?? join(this.#lab.folder, 'releases');
  }

  /** An edge on a folder stands for the object storage; a live stream is written into the folder. */
  async #startOrigin(): Promise<void> {
    await mkdir(this.#site);
    await writeLoadObjects(this.#site);
    const to = pathToFileURL(this.#site).href;
    const edge = await startEdgeProcess({ origin: to, args: ['--listen', `${LAB_ADDRESS}:${ORIGIN_PORT}`] });
    this.#lab.defer(edge.stop);
    const playlist = `http://${LAB_ADDRESS}:${ORIGIN_PORT}/live/master.m3u8`;
    const live = await startChild({
      name: 'eddy-origin live',
      command: process.execPath,
      args: [ORIGIN_BIN, 'live', this.#plan.sample, '--to', to, '--name', 'live', '--window', '12'],
      ready: () =>
        fetch(playlist).then(
          async (answer) => answer.ok && (await answer.arrayBuffer()).byteLength > 0,
          () => false,
        ),
      signal: new AbortController().signal,
    });
    this.#lab.defer(live.stop);
  }

  async #makeReleases(): Promise<void> {
    if (await hasRelease(this.#releases, 'empty')) return;
    this.#tell('building the release');
    await buildRelease(this.#releases, 'one');
    this.#tell('and three versions from it, two of them bad');
    await deriveRelease(this.#releases, { from: 'one', version: 'two' });
    await deriveRelease(this.#releases, { from: 'one', version: 'dies', change: breakStart });
    await deriveRelease(this.#releases, { from: 'one', version: 'empty', change: breakMedia });
  }

  async #boot(hosts: readonly HostLine[]): Promise<void> {
    this.#tell(`booting ${hosts.map(({ name }) => name).join(', ')}`);
    for (const { name, address } of hosts) await this.#lab.boot(name, address);
  }

  get #inventory(): string {
    return join(this.#lab.folder, 'inventory');
  }

  async #writeInventory(): Promise<void> {
    await writeInventory(this.#inventory, {
      hosts: this.#hosts,
      keyFile: this.#lab.keyFile,
      releases: this.#releases,
      origin: `http://${LAB_ADDRESS}:${ORIGIN_PORT}`,
      checkPath: CHECK_PATH,
    });
  }

  async #mustPlay(playbook: string): Promise<void> {
    const { code, stdout, stderr } = await runPlaybook(this.#inventory, playbook, []);
    if (code !== 0) throw new Error(`${playbook} ended with ${code}:\n${(stdout + stderr).slice(-6_000)}`);
  }

  async #states(): Promise<Record<string, EdgeState>> {
    const edges = this.#hosts.filter(({ balancer }) => balancer === undefined).map(({ name }) => name);
    const there: string[] = [];
    for (const name of edges) {
      const installed = await this.#lab
        .machine(name)
        .run('sh', '-c', 'test -e /opt/eddy/current && echo yes || true');
      if (installed.trim() === 'yes') there.push(name);
    }
    return Object.fromEntries(await fleetState(this.#lab, there));
  }

  async #keep(): Promise<void> {
    const { keep } = this.#plan;
    if (keep === undefined) return;
    await mkdir(keep, { recursive: true });
    await writeFile(join(keep, 'rehearsal.json'), JSON.stringify({ phases: this.#phases }, undefined, 1));
  }

  async #take({ name, playbook, args, loaded, joins }: Step): Promise<void> {
    if (joins !== undefined) {
      await this.#boot(MORE_HOSTS);
      this.#hosts = [...HOSTS, ...MORE_HOSTS];
      await this.#writeInventory();
    }
    this.#tell(name);
    const before = await this.#states();
    const { perSecond } = this.#plan;
    const load = loaded
      ? startLoad({ balancers: BALANCERS, perSecond, stream: '/live/master.m3u8' })
      : undefined;
    const { code, stdout, stderr, seconds } = await runPlaybook(this.#inventory, playbook, args);
    const results = (await load?.stop()) ?? [];
    const after = await this.#states();
    const ok = code === 0;
    const said = ok ? '' : (stdout + stderr).slice(-4_000);
    this.#phases.push({ name, seconds, ok, said, load: results, before, after });
    await this.#keep();
    const failed = results.reduce((sum, { requests }) => sum + requests.failed, 0);
    const why = results.flatMap(({ name: balancer, requests }) =>
      requests.firstFailure === undefined ? [] : [` (${balancer}: ${requests.firstFailure})`],
    );
    this.#tell(
      `  ${ok ? 'done' : 'refused'} in ${seconds.toFixed(0)} s, ${failed} requests failed${why.join('')}`,
    );
    // Nothing after it would mean anything.
    if (Object.keys(after).length === 0) throw new Error(`${name} left no edge:\n${said}`);
  }
}
