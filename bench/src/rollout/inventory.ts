import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const PLAYBOOKS: string = fileURLToPath(new URL('../../../deploy/ansible/', import.meta.url));

/** A line of the host list. */
export interface HostLine {
  readonly name: string;
  readonly address: string;
  readonly region: string;
  /** Of balancers only. */
  readonly balancer?: 'haproxy' | 'nginx';
}

export interface InventoryPlan {
  readonly hosts: readonly HostLine[];
  readonly keyFile: string;
  readonly releases: string;
  readonly origin: string;
  readonly checkPath: string;
}

function line({ name, address, region, balancer }: HostLine): string {
  return [
    ...[name, `ansible_host=${address}`, `eddy_region=${region}`],
    ...(balancer === undefined ? [] : [`eddy_balancer_kind=${balancer}`]),
  ].join(' ');
}

/** What the lab's machines differ in from an operator's: everything is JSON, which is YAML too. */
function settings({ keyFile, releases, origin, checkPath }: InventoryPlan): Record<string, unknown> {
  return {
    ansible_user: 'root',
    ansible_become: false,
    ansible_ssh_private_key_file: keyFile,
    ansible_ssh_common_args: '-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null',
    eddy_release_source: releases,
    eddy_origin: origin,
    eddy_check_path: checkPath,
    eddy_config: { insight: { enabled: false } },
    eddy_releases_kept: 3,
    eddy_drain_seconds: 10,
    eddy_ready_seconds: 30,
    // The programs are there, as the disk is this machine's.
    eddy_balancer_install: false,
    // As many open files as any machine allows.
    eddy_balancer_connections: 4000,
  };
}

/** Writes an inventory like `deploy/ansible/inventories/example`, with the same plugin that makes the regions. */
export async function writeInventory(folder: string, plan: InventoryPlan): Promise<void> {
  await mkdir(join(folder, 'group_vars'), { recursive: true });
  const edges = plan.hosts.filter(({ balancer }) => balancer === undefined);
  const balancers = plan.hosts.filter(({ balancer }) => balancer !== undefined);
  const list = ['[edges]', ...edges.map(line), '', '[balancers]', ...balancers.map(line), ''];
  await writeFile(join(folder, 'hosts'), list.join('\n'));
  await writeFile(join(folder, 'group_vars/all.json'), JSON.stringify(settings(plan)));
  await copyFile(join(PLAYBOOKS, 'inventories/example/regions.yaml'), join(folder, 'regions.yaml'));
}
