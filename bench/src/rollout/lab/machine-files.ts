import { copyFile, mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { mustRun } from '../../system/command-line.js';

const TARGET = `[Unit]
Description=A machine of the lab
Requires=eddy-ssh.service
After=eddy-ssh.service
`;

const SSH = `[Service]
RuntimeDirectory=sshd
ExecStart=/usr/sbin/sshd -D -e -f /etc/ssh/eddy_config
KillMode=process
`;

const SSH_CONFIG = `HostKey /etc/ssh/eddy_host
AuthorizedKeysFile /etc/ssh/eddy_keys
PermitRootLogin prohibit-password
UsePAM no
StrictModes no
MaxStartups 50
Subsystem sftp internal-sftp
`;

/** What would touch the kernel that all machines share. */
const MASKED = ['systemd-sysctl', 'systemd-modules-load', 'systemd-remount-fs', 'systemd-udevd'];

/** Lays out what a machine has of its own: its name, and an sshd that takes one key. `upper` holds its writes. */
export async function writeMachineFiles(
  upper: string,
  { name, publicKeyFile }: { readonly name: string; readonly publicKeyFile: string },
): Promise<void> {
  const units = join(upper, 'etc/systemd/system');
  const ssh = join(upper, 'etc/ssh');
  await mkdir(units, { recursive: true });
  await mkdir(ssh, { recursive: true });
  await writeFile(join(upper, 'etc/hostname'), `${name}\n`);
  await writeFile(join(units, 'eddy-machine.target'), TARGET);
  await writeFile(join(units, 'eddy-ssh.service'), SSH);
  for (const unit of MASKED) await symlink('/dev/null', join(units, `${unit}.service`));
  await writeFile(join(ssh, 'eddy_config'), SSH_CONFIG);
  await copyFile(publicKeyFile, join(ssh, 'eddy_keys'));
  await mustRun('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(ssh, 'eddy_host')]);
}
