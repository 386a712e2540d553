import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** What a player of a live stream saw. */
export interface Watched {
  /** Of media that was played. */
  readonly playedSeconds: number;
  /** The longest time without anything new to play; live segments of 2 s come every 2 s. */
  readonly longestWaitSeconds: number;
  /** Lines in which it complained. */
  readonly complaints: readonly string[];
}

/** Reads a live HLS stream with ffmpeg until `stop` is called. */
export function watchHls(url: string): { readonly stop: () => Promise<Watched> } {
  const progress = ['-progress', 'pipe:1', '-stats_period', '0.25'];
  const child = spawn(
    'ffmpeg',
    ['-nostdin', '-loglevel', 'level+warning', ...progress, '-i', url, '-c', 'copy', '-f', 'null', '-'],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const complaints: string[] = [];
  let [playedSeconds, newestMs, longestWaitMs] = [0, performance.now(), 0];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    for (const [, us] of text.matchAll(/^out_time_us=(\d+)$/gm)) {
      const seconds = Number(us) / 1e6;
      if (seconds <= playedSeconds) continue;
      const now = performance.now();
      if (playedSeconds > 0) longestWaitMs = Math.max(longestWaitMs, now - newestMs);
      [playedSeconds, newestMs] = [seconds, now];
    }
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaints.push(...text.split('\n').filter((line) => isComplaint(line)));
  });
  const exit = once(child, 'exit');
  return {
    stop: async () => {
      const early = child.exitCode;
      child.kill('SIGINT');
      await exit;
      if (early !== null) complaints.push(`ffmpeg ended by itself with ${early}`);
      longestWaitMs = Math.max(longestWaitMs, performance.now() - newestMs);
      return { playedSeconds, longestWaitSeconds: longestWaitMs / 1000, complaints: complaints.slice(0, 20) };
    },
  };
}

/**
 * Of the network: requests that failed, segments that were skipped. ffmpeg reports a closed keep-alive connection as
 * it opens the next ("keepalive request failed ... retrying with new connection"), which HTTP expects of a client.
 */
function isComplaint(line: string): boolean {
  if (/keepalive request failed/.test(line)) return false;
  return /HTTP error|failed|Failed|skipping|expired|reset|refused|timed out/.test(line);
}
