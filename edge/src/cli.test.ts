import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { ask, Cleanup, temporaryFolder } from './testing/edge-fixture.js';

const cleanup = new Cleanup();
afterEach(() => cleanup.run());

interface Run {
  readonly child: ChildProcess;
  readonly code: Promise<number | null>;
  readonly output: () => string;
  /** Resolves when the output matches. */
  says(text: RegExp): Promise<RegExpExecArray>;
}

function run(...args: string[]): Run {
  const cli = new URL('./cli.ts', import.meta.url).href;
  const script = `import(${JSON.stringify(cli)}).then((m) => m.runCli(process.argv.slice(1)))`;
  const flags = ['--conditions=eddy-source', '--import', 'tsx', '--input-type=module', '-e', script, '--'];
  const child = spawn(process.execPath, [...flags, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  cleanup.add(async () => child.kill('SIGKILL'));
  let output = '';
  let heard = (): void => {};
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (piece: Buffer) => {
      output += piece.toString();
      heard();
    });
  }
  const code = once(child, 'close').then(([status]: unknown[]) =>
    typeof status === 'number' ? status : null,
  );
  const says = (text: RegExp): Promise<RegExpExecArray> =>
    new Promise((resolve, reject) => {
      heard = () => {
        const match = text.exec(output);
        if (match !== null) resolve(match);
      };
      heard();
      void code.then(() => reject(new Error(`ended with: ${output}`)));
    });
  return { child, code, output: () => output, says };
}

const LOOPBACK = ['--listen', '127.0.0.1:0', '--admin', '127.0.0.1:0', '--insight', '127.0.0.1:0'];

describe('eddy-edge', { timeout: 60_000 }, () => {
  it('serves a folder until it is told to stop', async () => {
    const root = await temporaryFolder(cleanup);
    await writeFile(join(root, 'a.m4s'), 'media');
    const edge = run('--origin', pathToFileURL(root).href, ...LOOPBACK, '--data-dir', join(root, '.data'));
    const [, url] = await edge.says(/serves (http:\S+)/);
    expect((await ask(url ?? '', '/a.m4s')).body.toString()).toBe('media');
    const other = run('--origin', pathToFileURL(root).href, '--listen', new URL(url ?? '').host);
    expect(await other.code).toBe(1);
    expect(other.output()).toMatch(
      /public listener cannot use .*port \d+ is taken; choose another with --listen/,
    );
    edge.child.kill('SIGTERM');
    expect(await edge.code).toBe(0);
  });

  it.each([
    [[], /origin\.url is not set: give --origin URL/],
    [['--origin', 'file:///nowhere'], /eddy-edge: origin\.url: \/nowhere is not a folder/],
    [['--origin', 'file:///', '--workers', '0'], /workers: /],
    [['--origin', 'file:///', '--cache-memory', 'lots'], /cache\.memoryBytes: "lots" is not a size/],
    [['--cache-disc', '1g'], /unknown option '--cache-disc'/],
  ])('says what is wrong with %j', async (args, message) => {
    const { code, output } = run(...args);
    expect(await code).toBe(1);
    expect(output()).toMatch(message);
    expect(output()).not.toContain('    at ');
  });

  it('says which version it is', async () => {
    const { code, output } = run('--version');
    expect(await code).toBe(0);
    expect(output()).toBe('0.1.0\n');
  });

  it('checks a settings file', async () => {
    const folder = await temporaryFolder(cleanup);
    const good = join(folder, 'good.yaml');
    const bad = join(folder, 'bad.json');
    await writeFile(good, 'cache: { memoryBytes: 1GiB }\nlisteners: { insight: "0.0.0.0:8082" }');
    await writeFile(bad, '{"cache": {"memory": 1}, "logs": {}}');
    const runs = [run('check-config', good), run('check-config', bad)];
    expect(await Promise.all(runs.map(({ code }) => code))).toEqual([0, 1]);
    expect(runs[0]?.output()).toContain('good.yaml is valid');
    expect(runs[0]?.output()).toContain('warning: insight listens on 0.0.0.0:8082 and asks nobody who he is');
    expect(runs[1]?.output()).toContain('eddy-edge: cache.memory is not a setting');
    expect(runs[1]?.output()).toContain('eddy-edge: logs is not a setting');
  });
});
