import { access, constants, rm, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { atEnd, run } from './processes.mjs';
import { step, Trouble } from './step.mjs';

/**
 * What the tests need of the system: a Debian package, and the command or file by which we know it is there
 * (so that a program installed in another way counts too).
 */
export const TEST_NEEDS = [
  { debianPackage: 'chromium', command: 'chromium' },
  { debianPackage: 'firefox-esr', command: 'firefox-esr' },
  { debianPackage: 'ffmpeg', command: 'ffmpeg' },
  { debianPackage: 'swift-proxy', command: 'swift-proxy-server' },
  { debianPackage: 'swift-account', command: 'swift-account-server' },
  { debianPackage: 'swift-container', command: 'swift-container-server' },
  { debianPackage: 'swift-object', command: 'swift-object-server' },
  { debianPackage: 'iproute2', command: 'ip' },
  { debianPackage: 'util-linux', command: 'unshare' },
  { debianPackage: 'nftables', command: 'nft' },
  { debianPackage: 'coturn', command: 'turnserver' },
  { debianPackage: 'prometheus', command: 'promtool' },
  { debianPackage: 'prometheus-alertmanager', command: 'amtool' },
  { debianPackage: 'systemd', command: 'systemd-analyze' },
  { debianPackage: 'nginx', command: 'nginx' },
  { debianPackage: 'varnish', command: 'varnishd' },
  { debianPackage: 'nats-server', command: 'nats-server' },
  { debianPackage: 'clickhouse-server', command: 'clickhouse-server' },
  { debianPackage: 'ansible-core', command: 'ansible-playbook' },
  { debianPackage: 'ansible-lint', command: 'ansible-lint' },
  { debianPackage: 'haproxy', command: 'haproxy' },
  { debianPackage: 'kubernetes-client', command: 'kubectl' },
  { debianPackage: 'fonts-dejavu-core', file: '/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf' },
];

/** Servers live in sbin, which is not in everybody's PATH. */
const SBIN = ['/usr/local/sbin', '/usr/sbin', '/sbin'];
const POLICY = '/usr/sbin/policy-rc.d';

async function usable(path, mode) {
  return await access(path, mode).then(
    () => true,
    () => false,
  );
}

async function hasCommand(command) {
  const folders = [...(process.env.PATH ?? '').split(delimiter).filter(Boolean), ...SBIN];
  const found = await Promise.all(folders.map((folder) => usable(join(folder, command), constants.X_OK)));
  return found.includes(true);
}

export async function missingOf(needs) {
  const there = await Promise.all(
    needs.map(({ command, file }) =>
      command === undefined ? usable(file, constants.R_OK) : hasCommand(command),
    ),
  );
  return needs.filter((_, index) => !there[index]);
}

/** What to tell a person whose machine we cannot install on. */
export function advice(missing, { apt, root }) {
  const packages = missing.map(({ debianPackage }) => debianPackage).join(' ');
  const names = missing.map(({ command, file }) => command ?? file).join(', ');
  if (apt) {
    const sudo = root ? '' : 'sudo ';
    return (
      `Not installed on this machine: ${names}.\nInstalling them takes root. Run:\n\n` +
      `  ${sudo}apt-get update && ${sudo}apt-get install --yes --no-install-recommends ${packages}\n\n` +
      'and then the same command again.'
    );
  }
  return (
    `Not installed on this machine: ${names}.\n` +
    'There is no apt-get here to install them with. Install them with the package manager of your system\n' +
    `(on Debian the packages are: ${packages}) so that they are in PATH, and run the same command again.`
  );
}

/** Debian starts servers as it installs them, unless this file says no. */
async function withoutStartingServices(work) {
  if (await usable(POLICY, constants.F_OK)) return await work();
  await writeFile(POLICY, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  const remove = atEnd(() => rm(POLICY, { force: true }));
  try {
    return await work();
  } finally {
    await remove();
  }
}

async function aptInstall(packages) {
  const options = {
    output: 'collect',
    env: { DEBIAN_FRONTEND: 'noninteractive' },
    hint:
      'apt-get could not install the packages. Check that this machine reaches a Debian mirror\n' +
      '(/etc/apt/sources.list, apt-get update), then run the same command again.',
  };
  const wait = ['-o', 'DPkg::Lock::Timeout=300', '-o', 'Acquire::Retries=3'];
  await run('apt-get', [...wait, 'update', '-qq'], options);
  const install = [...wait, 'install', '--yes', '-qq', '--no-install-recommends', ...packages];
  await withoutStartingServices(() => run('apt-get', install, options));
}

/** Installs what is missing where it may (root, with apt-get); else throws Trouble with the command to run. */
export async function requireSystem(needs) {
  const missing = await missingOf(needs);
  if (missing.length === 0) return;
  const circumstances = { apt: await hasCommand('apt-get'), root: process.getuid?.() === 0 };
  if (!circumstances.apt || !circumstances.root) throw new Trouble(advice(missing, circumstances));
  const packages = missing.map(({ debianPackage }) => debianPackage);
  await step(`Installing Debian packages: ${packages.join(' ')} (some minutes the first time)`, () =>
    aptInstall(packages),
  );
  const still = await missingOf(needs);
  if (still.length > 0) {
    throw new Trouble(
      `apt-get installed ${packages.join(' ')}, but these are still not found: ` +
        still.map(({ command, file }) => command ?? file).join(', '),
    );
  }
}
