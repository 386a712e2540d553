import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A program with its arguments. */
export interface CommandLine {
  readonly command: string;
  readonly args: readonly string[];
}

/**
 * Loopback, and one interface with an address and a default route that lead nowhere: a browser gathers WebRTC
 * candidates only from interfaces other than loopback, and test machines often have no other.
 */
const SET_UP = [
  'ip link set lo up',
  'ip link add eddy0 type veth peer name eddy1',
  'ip addr add 10.77.0.1/24 dev eddy0',
  'ip link set eddy0 up',
  'ip link set eddy1 up',
  'ip route add default via 10.77.0.2 dev eddy0',
].join(' && ');

function inNamespace(unshare: readonly string[], line: CommandLine): CommandLine {
  return {
    command: 'unshare',
    args: [...unshare, 'sh', '-c', `${SET_UP} && exec "$@"`, 'sh', line.command, ...line.args],
  };
}

/** As root, else as a user who is root in a user namespace of its own. */
const WAYS: readonly (readonly string[])[] = [['--net'], ['--net', '--user', '--map-root-user']];

/**
 * The command line that runs a program in a network namespace of its own, where it reaches nothing but itself; undefined
 * where this machine allows none. The program keeps the process id, so it is stopped like any other.
 */
export async function namespaced(line: CommandLine): Promise<CommandLine | undefined> {
  for (const way of WAYS) {
    const probe = inNamespace(way, { command: 'true', args: [] });
    const possible = await run(probe.command, [...probe.args]).then(
      () => true,
      () => false,
    );
    if (possible) return inNamespace(way, line);
  }
  return undefined;
}
