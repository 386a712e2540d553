import { join } from 'node:path';
import { type Outcome, runToEnd } from '../system/command-line.js';
import { PLAYBOOKS } from './inventory.js';

export interface PlaybookRun extends Outcome {
  readonly seconds: number;
}

/** Runs a playbook of deploy/ansible to its end, whatever that is. */
export async function runPlaybook(
  inventory: string,
  playbook: string,
  args: readonly string[],
): Promise<PlaybookRun> {
  const started = performance.now();
  const outcome = await runToEnd('ansible-playbook', ['-i', inventory, playbook, ...args], {
    cwd: PLAYBOOKS,
    env: { ANSIBLE_CONFIG: join(PLAYBOOKS, 'ansible.cfg'), ANSIBLE_NOCOLOR: '1' },
    timeoutMs: 600_000,
  });
  return { ...outcome, seconds: (performance.now() - started) / 1000 };
}
