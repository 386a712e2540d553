import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Cleanup } from '../../process/cleanup.js';
import { mustRun } from '../../system/command-line.js';
import { BRIDGE, bootMachine, type Machine } from './machine.js';

/** Where the lab's own servers listen for its machines. */
export const LAB_ADDRESS = '10.78.0.1';

/** A network of machines, in the network namespace that this process runs in. */
export class Lab {
  readonly folder: string;
  readonly keyFile: string;
  readonly machines: Map<string, Machine> = new Map();
  readonly #cleanup = new Cleanup();

  private constructor(folder: string) {
    this.folder = folder;
    this.keyFile = join(folder, 'key');
  }

  static async open(): Promise<Lab> {
    // Not in memory: the disks of the machines lie here.
    const lab = new Lab(await mkdtemp(join(tmpdir(), 'eddy-lab-')));
    lab.defer(() => rm(lab.folder, { recursive: true, force: true }));
    try {
      await mustRun('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', lab.keyFile]);
      await mustRun('ip', ['link', 'add', BRIDGE, 'type', 'bridge']);
      await mustRun('ip', ['addr', 'add', `${LAB_ADDRESS}/16`, 'dev', BRIDGE]);
      await mustRun('ip', ['link', 'set', BRIDGE, 'up']);
    } catch (error) {
      await lab.close();
      throw error;
    }
    return lab;
  }

  /** Does this at the end, before all that was put off earlier. */
  defer(step: () => Promise<void>): void {
    this.#cleanup.add(step);
  }

  async boot(name: string, address: string): Promise<Machine> {
    const machine = await bootMachine({
      ...{ name, address },
      folder: join(this.folder, 'machines', name),
      publicKeyFile: `${this.keyFile}.pub`,
    });
    this.defer(machine.stop);
    this.machines.set(name, machine);
    return machine;
  }

  machine(name: string): Machine {
    const machine = this.machines.get(name);
    if (machine === undefined) throw new Error(`the lab has no ${name}`);
    return machine;
  }

  async close(): Promise<void> {
    await this.#cleanup.run();
  }
}
