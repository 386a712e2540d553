import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { BenchComponents, BenchOptions } from '../../bench.js';
import { BenchError } from '../../errors.js';
import { runWrk } from '../../load/wrk.js';
import { playlist, segments } from '../../origin/content.js';
import { startTinyOrigin } from '../../origin/tiny-origin.js';
import { Cleanup } from '../../process/cleanup.js';
import { requireCommands } from '../../process/commands.js';
import { temporaryFolder } from '../../process/folder.js';
import { eddyEdgeServer } from '../../servers/eddy-edge.js';
import { systemNeeds } from '../../system-needs.js';
import { fillAndVerify } from '../verify.js';
import { type CpuProfile, selfTimeTable } from './self-time.js';

const LOADS = [
  { name: 'playlists', objects: [playlist()] },
  { name: 'segments', objects: segments(32) },
] as const;
const FUNCTIONS = 25;

const microseconds = (): number => Number(process.hrtime.bigint() / 1000n);

async function profileOf(folder: string): Promise<CpuProfile> {
  const [file] = (await readdir(folder)).filter((name) => name.endsWith('.cpuprofile')).sort();
  if (file === undefined) throw new BenchError('cannot-measure', `Node wrote no profile into ${folder}`);
  return JSON.parse(await readFile(join(folder, file), 'utf8'));
}

/**
 * Runs one eddy-edge process under each load with `--cpu-prof`, keeps the profiles in `folder` (Chrome's developer
 * tools open them) and writes the functions with most self time into `profile.md` there.
 */
export async function profileEdge(
  { progress, signal }: BenchComponents,
  options: BenchOptions,
  folder: string,
): Promise<string> {
  const path = await requireCommands(await systemNeeds('edge'));
  const parts = ['# Where eddy-edge spends its time\n'];
  for (const { name, objects } of LOADS) {
    const cleanup = new Cleanup();
    const own = resolve(folder, name);
    await mkdir(own, { recursive: true });
    if ((await readdir(own)).length > 0)
      throw new BenchError('usage', `${own} holds something already; name another folder`);
    try {
      const memory = await temporaryFolder();
      cleanup.add(memory.remove);
      const origin = await startTinyOrigin(objects);
      cleanup.add(origin.close);
      progress(`profiling ${name} for ${options.seconds} s`);
      const under = await eddyEdgeServer({
        nodeOptions: ['--cpu-prof', '--cpu-prof-interval=500', `--cpu-prof-dir=${own}`],
      });
      const server = await under.start({ originPort: origin.port, folder: memory.path, signal });
      cleanup.add(server.stop);
      await fillAndVerify({ name: under.name, server, originRequests: origin.requests }, objects);
      const load = {
        url: server.url,
        paths: objects.map((object) => object.path),
        connections: 64,
        threads: options.loadThreads,
      };
      const from = microseconds();
      const seen = await runWrk(
        { wrk: path('wrk'), folder: memory.path, signal },
        { ...load, seconds: options.seconds },
      );
      const window = [from, microseconds()] as const;
      await server.stop();
      const speed = Math.round(seen.requests / seen.seconds).toLocaleString('en-US');
      parts.push(
        `## ${name}, ${speed} requests/s while being watched\n`,
        selfTimeTable(await profileOf(own), FUNCTIONS, window),
      );
    } finally {
      await cleanup.run();
    }
  }
  const text = parts.join('\n');
  await writeFile(resolve(folder, 'profile.md'), text);
  return text;
}
