// Asks the edge in this container how it is; exit code 0 says well. EDDY_ADMIN is where its admin listener is.
const [, host = '', port = ''] = /^(.*):(\d+)$/.exec(process.env.EDDY_ADMIN ?? '127.0.0.1:8081') ?? [];
const any = ['0.0.0.0', '', '*'].includes(host);
const target = any ? '127.0.0.1' : host === '[::]' ? '[::1]' : host;

try {
  const answer = await fetch(`http://${target}:${port}/healthz`, { signal: AbortSignal.timeout(2500) });
  if (!answer.ok) throw new Error(`/healthz answered ${answer.status}`);
} catch (error) {
  console.error(`${target}:${port}:`, error instanceof Error ? (error.cause ?? error.message) : error);
  process.exitCode = 1;
}
