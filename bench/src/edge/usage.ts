import { type MachineTime, ownCpu, readMachineTime, treeCpuSeconds } from '../machine/proc.js';

/** Counters of the machine at one moment. */
export interface Counters {
  readonly timeMs: number;
  /** CPU seconds of the server's process tree. */
  readonly serverSeconds: number;
  /** CPU seconds of this process. */
  readonly ownSeconds: number;
  /** CPU seconds of our children that have ended: the load generator. */
  readonly loadSeconds: number;
  readonly machine: MachineTime;
  /** Requests that the origin has answered. */
  readonly originRequests: number;
}

/** Who used the machine between two moments. */
export interface Usage {
  readonly seconds: number;
  readonly serverSeconds: number;
  readonly loadSeconds: number;
  /** Cores that neither the server, nor the load generator, nor this process used. */
  readonly otherCores: number;
  readonly stolenCores: number;
  readonly originRequests: number;
}

export async function countersOf(pid: number, originRequests: () => number): Promise<Counters> {
  const [own, machine] = [await ownCpu(), await readMachineTime()];
  return {
    timeMs: performance.now(),
    serverSeconds: await treeCpuSeconds(pid),
    ownSeconds: own.ownSeconds,
    loadSeconds: own.endedChildrenSeconds,
    machine,
    originRequests: originRequests(),
  };
}

export function usageBetween(before: Counters, after: Counters): Usage {
  const seconds = (after.timeMs - before.timeMs) / 1000;
  const serverSeconds = after.serverSeconds - before.serverSeconds;
  const loadSeconds = after.loadSeconds - before.loadSeconds;
  const ownSeconds = after.ownSeconds - before.ownSeconds;
  const busySeconds = after.machine.busySeconds - before.machine.busySeconds;
  return {
    seconds,
    serverSeconds,
    loadSeconds,
    otherCores: Math.max(0, busySeconds - serverSeconds - loadSeconds - ownSeconds) / seconds,
    stolenCores: (after.machine.stolenSeconds - before.machine.stolenSeconds) / seconds,
    originRequests: after.originRequests - before.originRequests,
  };
}
