import { setFlagsFromString } from 'node:v8';

/** What may pile up on the heap before it is collected, in percent of what is alive. */
export const HEAP_GROWTH_PERCENT = 20;

/**
 * Keeps garbage in proportion. V8 lets a heap grow to several times of what is alive as long as the machine has memory;
 * here requests that wait for slow clients live just long enough to reach the old generation. For the whole process,
 * its threads included; a command line that says something else is obeyed.
 */
export function boundHeapGrowth(execArgv: readonly string[] = process.execArgv): void {
  if (
    execArgv.some(
      (argument) => argument.includes('heap-growing-percent') || argument.includes('heap_growing_percent'),
    )
  )
    return;
  setFlagsFromString(`--heap-growing-percent=${HEAP_GROWTH_PERCENT}`);
}
