import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BenchComponents } from '../bench.js';
import { BenchError } from '../errors.js';
import type { Patience } from '../machine/quiet.js';
import { Cleanup } from '../process/cleanup.js';
import type { Contender, Unmeasured } from '../report/report.js';
import type { RunningServer, ServerUnderTest } from '../servers/server.js';

/** A server that is measured, started. */
export interface Entrant {
  readonly under: ServerUnderTest;
  readonly server: RunningServer;
  /** Its own, for who starts it again. */
  readonly folder: string;
}

export interface StageComponents extends BenchComponents {
  /** The path of a program of the system. */
  readonly path: (command: string) => string;
  readonly patience: Patience;
  /** In memory where the machine has such a place. */
  readonly memoryFolder: string;
}

export interface StageOptions {
  readonly workload: string;
  readonly cores: number;
}

export type Where = 'memory' | 'disk';

/** Where one workload happens: it starts servers, remembers who was there and what could not be, and clears up. */
export class Stage {
  readonly components: StageComponents;
  readonly cores: number;
  readonly unmeasured: Unmeasured[] = [];
  readonly #workload: string;
  readonly #contenders: Contender[] = [];
  readonly #cleanup = new Cleanup();
  #folders = 0;

  constructor(components: StageComponents, { workload, cores }: StageOptions) {
    this.components = components;
    this.cores = cores;
    this.#workload = workload;
  }

  get contenders(): readonly Contender[] {
    return this.#contenders;
  }

  /** Does this at the end, before all that was put off earlier. */
  defer(step: () => Promise<void>): void {
    this.#cleanup.add(step);
  }

  /** A new folder that lives as long as the stage. */
  async folder(where: Where): Promise<string> {
    if (where === 'memory') {
      const path = join(this.components.memoryFolder, `${this.#workload}-${this.#folders++}`);
      await mkdir(path, { recursive: true });
      this.defer(() => rm(path, { recursive: true, force: true }));
      return path;
    }
    const path = await mkdtemp(join(tmpdir(), 'eddy-bench-'));
    this.defer(() => rm(path, { recursive: true, force: true }));
    return path;
  }

  /** Starts those that start. Who does not is named in `unmeasured`, with what it wrote. */
  async start(unders: readonly ServerUnderTest[], originPort: number, where: Where): Promise<Entrant[]> {
    const entrants: Entrant[] = [];
    for (const under of unders) {
      const folder = await this.folder(where);
      const server = await this.startIn(under, originPort, folder);
      if (server !== undefined) entrants.push({ under, server, folder });
    }
    return entrants;
  }

  /** Starts one in a folder that may hold what it left there before. */
  async startIn(
    under: ServerUnderTest,
    originPort: number,
    folder: string,
  ): Promise<RunningServer | undefined> {
    const { signal, progress } = this.components;
    progress(`${this.#workload}: starting ${under.name} (${under.version})`);
    try {
      const server = await under.start({ originPort, folder, signal });
      this.defer(server.stop);
      if (!this.#contenders.some(({ name }) => name === under.name))
        this.#contenders.push(contenderOf(under));
      return server;
    } catch (error) {
      if (!(error instanceof BenchError) || error.code !== 'start-failed') throw error;
      this.fails(under.name, error.message);
      return undefined;
    }
  }

  /** Those of `entrants` who pass; the others are named in `unmeasured`. */
  async passing(
    entrants: readonly Entrant[],
    proof: (entrant: Entrant) => Promise<void>,
  ): Promise<Entrant[]> {
    const passed: Entrant[] = [];
    for (const entrant of entrants) {
      if (await this.attempt(entrant.under.name, () => proof(entrant).then(() => true))) passed.push(entrant);
    }
    return passed;
  }

  /** What `work` returns, or undefined where it threw a BenchError, which is then noted as what cannot be measured. */
  async attempt<R>(what: string, work: () => Promise<R>): Promise<R | undefined> {
    try {
      return await work();
    } catch (error) {
      if (this.components.signal.aborted || !(error instanceof BenchError)) throw error;
      this.fails(what, `${error.message} (${error.code})`);
      return undefined;
    }
  }

  /** Notes what cannot be measured. */
  fails(what: string, reason: string): void {
    const whole = `${this.#workload}, ${what}`;
    this.unmeasured.push({ what: whole, reason: shortened(reason) });
    this.components.progress(`cannot be measured: ${whole}: ${shortened(reason)}`);
  }

  async end(): Promise<void> {
    await this.#cleanup.run();
  }
}

function contenderOf({ name, family, version, setting, features }: ServerUnderTest): Contender {
  return { name, family, version, setting, ...(features === undefined ? {} : { features }) };
}

function shortened(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length <= 300 ? line : `${line.slice(0, 300)}...`;
}
