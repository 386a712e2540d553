import type { Lab } from './lab/lab.js';
import type { EdgeState } from './phase.js';

async function jsonFrom(url: string): Promise<{ readonly status: number; readonly body: unknown }> {
  const answer = await fetch(url, { signal: AbortSignal.timeout(5_000) });
  return { status: answer.status, body: await answer.json() };
}

/** Throws where it does not answer. */
export async function edgeState(lab: Lab, name: string): Promise<EdgeState> {
  const machine = lab.machine(name);
  const [health, ready] = await Promise.all([
    jsonFrom(`http://${machine.address}:8081/healthz`),
    jsonFrom(`http://${machine.address}:8081/readyz`),
  ]);
  const version: unknown =
    typeof health.body === 'object' && health.body !== null ? Reflect.get(health.body, 'version') : undefined;
  const pid = await machine.run('systemctl', 'show', '--property=MainPID', '--value', 'eddy-edge.service');
  const user = await machine.run('ps', '-o', 'user=', '-p', pid.trim());
  const releases = await machine.run('ls', '/opt/eddy/releases');
  return {
    version: String(version),
    ready: ready.status === 200,
    pid: Number(pid),
    releases: releases.split('\n').filter(Boolean),
    user: user.trim(),
  };
}

export async function fleetState(lab: Lab, names: readonly string[]): Promise<Map<string, EdgeState>> {
  const states = await Promise.all(names.map(async (name) => [name, await edgeState(lab, name)] as const));
  return new Map(states);
}
