// Sends the players of the edge in this container elsewhere before it is told to stop: `node drain.mjs SECONDS`.
// Ends as soon as none is left, and after SECONDS at the latest. EDDY_ADMIN is where its admin listener is.
import { setTimeout } from 'node:timers/promises';

const seconds = Number(process.argv[2]);
if (!(seconds > 0)) {
  console.error('Say how long at most, as in: node drain.mjs 45');
  process.exit(2);
}
const [, host = '', port = ''] = /^(.*):(\d+)$/.exec(process.env.EDDY_ADMIN ?? '127.0.0.1:8081') ?? [];
const target = ['0.0.0.0', '', '*'].includes(host) ? '127.0.0.1' : host === '[::]' ? '[::1]' : host;
const drain = `http://${target}:${port}/drain`;
const until = Date.now() + seconds * 1000;

async function ask(init) {
  const answer = await fetch(drain, { ...init, signal: AbortSignal.timeout(2500) });
  if (!answer.ok) throw new Error(`/drain answered ${answer.status}`);
  return await answer.json();
}

try {
  const order = JSON.stringify({ deadlineMs: Math.max(1000, (seconds - 5) * 1000) });
  let left = await ask({ method: 'POST', headers: { 'content-type': 'application/json' }, body: order });
  while (left.connections + left.viewers > 0 && Date.now() < until) {
    await setTimeout(500);
    left = await ask({});
  }
} catch (error) {
  // What cannot be drained is stopped all the same; the signal that follows lets responses end.
  console.error(`${drain}:`, error instanceof Error ? (error.cause ?? error.message) : error);
  process.exitCode = 1;
}
