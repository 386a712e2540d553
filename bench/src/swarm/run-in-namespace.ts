import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { BenchError } from '../errors.js';
import { namespaced } from '../system/netns.js';
import type { ArenaNews, ArenaPlan } from './arena.js';

const ARENA = fileURLToPath(new URL('./arena-client.js', import.meta.url));
/** How long it may take to stop its servers and browsers when asked. */
const STOP_MS = 15_000;

/**
 * Runs the arena as a process in a network namespace of its own and hands on what it tells. Throws
 * {@link BenchError} `cannot-measure` where this machine allows no namespaces, `crashed` where it does not end well.
 */
export async function runInNamespace(
  plan: ArenaPlan,
  { onNews, signal }: { readonly onNews: (news: ArenaNews) => void; readonly signal: AbortSignal },
): Promise<void> {
  signal.throwIfAborted();
  const line = await namespaced({ command: process.execPath, args: [ARENA] });
  if (line === undefined)
    throw new BenchError('cannot-measure', 'this machine lets nobody make network namespaces');
  const child = spawn(line.command, [...line.args], { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
  let log = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    log = (log + text).slice(-4000);
  });
  let ended = false;
  child.on('message', (news: ArenaNews | { readonly type: 'end' }) => {
    if (news.type === 'end') ended = true;
    else onNews(news);
  });
  const stop = (): void => {
    child.kill('SIGTERM');
    setTimeout(() => child.kill('SIGKILL'), STOP_MS).unref();
  };
  signal.addEventListener('abort', stop);
  const exit = once(child, 'exit');
  child.send({ plan });
  await exit;
  signal.removeEventListener('abort', stop);
  signal.throwIfAborted();
  if (!ended) throw new BenchError('crashed', `the swarm's process ended early:\n${log}`);
}
