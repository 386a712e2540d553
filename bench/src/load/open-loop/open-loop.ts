import { BenchError } from '../../errors.js';
import { runForked } from '../../process/forked.js';
import type { OpenLoopPlan, OpenLoopResult } from './run-open-loop.js';

const CLIENT = new URL('./open-loop-client.js', import.meta.url);
const GRACE_MS = 30_000;

/** An open loop in a process of its own; failed requests are for the caller to judge. */
export async function openLoop(signal: AbortSignal, plan: OpenLoopPlan): Promise<OpenLoopResult> {
  const timeoutMs = (plan.warmUpSeconds + plan.seconds) * 1000 + GRACE_MS;
  return await runForked<OpenLoopResult>(CLIENT, plan, { signal, timeoutMs });
}

/** The same where a failed request means that the figures mean nothing. Throws BenchError `load-failed`. */
export async function faultlessOpenLoop(signal: AbortSignal, plan: OpenLoopPlan): Promise<OpenLoopResult> {
  const result = await openLoop(signal, plan);
  if (result.failed === 0) return result;
  throw new BenchError(
    'load-failed',
    `${result.failed} of ${result.sent} requests failed at ${Math.round(plan.perSecond)}/s: ${result.firstFailure}`,
  );
}
