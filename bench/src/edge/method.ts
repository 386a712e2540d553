import type { BenchOptions } from '../bench.js';
import { DISTURBED_CORES } from './measure.js';

/** What was done, in the words that go into the report. */
export function method(
  options: BenchOptions,
  facts: { readonly wrk: string; readonly inMemory: boolean },
): string[] {
  const { rounds, seconds, warmUpSeconds, loadThreads } = options;
  return [
    'All servers run on loopback beside each other, each in its own folder, and fill from one origin that sends Cache-Control: max-age=3600; only the one whose turn it is has work.',
    `Folders are ${facts.inMemory ? 'on tmpfs (/dev/shm)' : 'on disk: no /dev/shm here'}.`,
    "Memory hits: before measuring, each object is fetched twice from each server: the bytes must be the origin's (SHA-256), the server must call the second one a hit, and the origin must not have been asked. A turn in which the origin is asked, a request fails or fewer bytes come than whole objects have ends the run with an error.",
    `Closed loop: ${facts.wrk}, ${loadThreads} threads, 64 connections kept open, no pipelining. Each turn: ${warmUpSeconds} s warm-up, then ${seconds} s that count.`,
    'Open loop: our own generator, one process that spins on its clock so that requests leave at their time whatever became of those before; latency counts from when a request was due, so a stall is charged to every request that was due meanwhile. How late the generator itself looked is given.',
    `${rounds} rounds (segments-tls, memory-beside-slow-disk, disk and half-load at most 3, kill-9 2, live and hostile 1); in each, everyone has one turn, and each round begins one server later (A B C, B C A ...). Figures are medians over rounds; spread is (max - min) / median.`,
    'Ratios are taken within a round, the better setting of eddy-edge beside the better setting of the other product; the median ratio is given with the lowest and the highest. CPU per request is that of the setting of eddy-edge that was best in the headline figure, beside the lowest of the other product.',
    `A turn waits until the rest of the machine is quiet; one in which other work took more than ${DISTURBED_CORES} cores is repeated up to twice, and the least disturbed attempt counts. In all a run may lose ${options.patienceSeconds} s to this.`,
    'Features of eddy-edge: those named beside it; metrics and limits are always on. A server that does not start, or a workload that cannot be measured, is named as such and the run ends with an error.',
    'CPU per request is user and system time of the server\'s whole process tree from /proc, divided by requests. "load cores" is what wrk used: server and load share the machine, so the load generator may be what limits.',
  ];
}
