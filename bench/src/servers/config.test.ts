import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findCommand } from '../process/commands.js';
import { nginxConfig } from './nginx-config.js';
import { varnishArguments, varnishVcl } from './varnish-config.js';

const run = promisify(execFile);
const [nginx, varnishd] = [await findCommand('nginx'), await findCommand('varnishd')];
/** Under CI a missing server fails the test; elsewhere the test is skipped. */
const required = process.env.CI === 'true';
const asRoot = process.getuid?.() === 0;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'eddy-bench-config-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe.skipIf(nginx === undefined && !required)(
  'nginx takes (skipped where nginx is not installed)',
  () => {
    const check = async (text: string): Promise<string> => {
      const file = join(folder, 'nginx.conf');
      await mkdir(join(folder, 'cache'), { recursive: true });
      await writeFile(file, text);
      const { stderr } = await run(nginx ?? 'nginx', ['-t', '-p', folder, '-e', 'stderr', '-c', file]);
      return stderr;
    };

    it.each([
      ['sendfile', 1],
      ['sendfile', 8],
      ['buffers', 1],
      ['buffers', 2],
    ] as const)('the configuration with %s and %d workers', async (output, workers) => {
      const text = nginxConfig({ port: 18_080, originPort: 18_081, folder, workers, output, asRoot });
      expect(await check(text)).toContain('test is successful');
      expect(text).toContain(output === 'sendfile' ? 'sendfile on;' : 'output_buffers 2 512k;');
      expect(text).toContain(`worker_processes ${workers};`);
    });

    it('and would refuse a broken one', async () => {
      const text = nginxConfig({
        port: 18_080,
        originPort: 18_081,
        folder,
        workers: 1,
        output: 'sendfile',
        asRoot,
      });
      await expect(check(text.replace('proxy_cache_lock', 'proxy_cache_lok'))).rejects.toThrow(
        /proxy_cache_lok/,
      );
    });
  },
);

describe.skipIf(varnishd === undefined && !required)(
  'varnishd takes (skipped where it is not installed)',
  () => {
    const check = async (text: string): Promise<void> => {
      const file = join(folder, 'bench.vcl');
      await writeFile(file, text);
      await run(varnishd ?? 'varnishd', ['-C', '-j', 'none', '-n', join(folder, 'work'), '-f', file]);
    };

    it('the VCL', async () => {
      await check(varnishVcl({ originPort: 18_081 }));
    });

    it('and would refuse a broken one', async () => {
      const text = varnishVcl({ originPort: 18_081 }).replace('.port', '.prt');
      await expect(check(text)).rejects.toThrow(/\.prt/);
    });
  },
);

it('tells varnishd where to listen, to keep objects in memory and to have its threads ready', () => {
  const args = varnishArguments({ port: 18_080, folder: '/f', vclFile: '/f/a.vcl' });
  expect(args.join(' ')).toContain('-a 127.0.0.1:18080,HTTP');
  expect(args.join(' ')).toContain('-s malloc,512m');
  expect(args.join(' ')).toContain('thread_pool_min=100');
});
