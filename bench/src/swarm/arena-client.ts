import { setPriority } from 'node:os';
import { type ArenaNews, type ArenaPlan, runArena } from './arena.js';

/** Pages that other work on this machine keeps waiting measure that work. Inherited by everything started here. */
const NICENESS = -10;
try {
  setPriority(NICENESS);
} catch {
  // Only root may.
}

const controller = new AbortController();
const abort = (): void => controller.abort();
// Whoever started this ends it by a signal, or by going away.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, abort);
process.once('disconnect', abort);

process.once('message', ({ plan }: { readonly plan: ArenaPlan }) => {
  const tell = (news: ArenaNews): void => {
    process.send?.(news);
  };
  runArena({ tell, signal: controller.signal }, plan).then(
    () => process.send?.({ type: 'end' }, () => process.exit(0)),
    (error: unknown) => {
      process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`, () =>
        process.exit(1),
      );
    },
  );
});
