// node deploy/dev/release.mjs [--version VERSION] [--out FOLDER] [--with-node]
// Builds eddy-VERSION-linux-x64.tar.gz (and .sha256): edge and origin, compiled, with what they import. A host that
// unpacks it asks no registry for anything.
import { chmod, cp, mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { build } from './build.mjs';
import { install } from './install.mjs';
import { requireNode } from './node-version.mjs';
import { pack } from './pack.mjs';
import { ROOT } from './paths.mjs';
import { atEnd, endOnSignals, run, stopEverything } from './processes.mjs';
import { checkVersion, currentVersion, sourceDate } from './release-version.mjs';
import { say, script, step, Trouble } from './step.mjs';

/** In the order in which they are compiled. */
const SHIPPED = ['player-sdk/protocol', 'player-sdk', 'origin', 'edge'];
/** Those whose code runs on a host. */
const INSTALLED = ['player-sdk/protocol', 'origin', 'edge'];
/** npm reads the manifests of all workspaces that the lock file names. */
const MANIFESTS = [...SHIPPED, 'bench', 'deploy'];
const CODE = {
  'player-sdk/protocol': ['dist'],
  origin: ['bin', 'dist'],
  edge: ['bin', 'dist', 'prices'],
};
/** Not for running: tests, types, and what maps compiled code to sources that are not there. */
const LEFT_OUT = /(\.test\.|-contract\.|\.d\.ts$|\.map$|\/dist\/testing(\/|$))/;

function options() {
  try {
    const { values } = parseArgs({
      options: {
        version: { type: 'string' },
        out: { type: 'string', default: '.eddy/releases' },
        'with-node': { type: 'boolean', default: false },
      },
    });
    return { version: values.version, out: resolve(values.out), withNode: values['with-node'] };
  } catch (error) {
    const usage = 'Usage: node deploy/dev/release.mjs [--version VERSION] [--out FOLDER] [--with-node]';
    throw new Trouble(`${error.message}\n${usage}`);
  }
}

async function copyManifests(stage) {
  for (const name of [
    'package.json',
    'package-lock.json',
    ...MANIFESTS.map((path) => `${path}/package.json`),
  ]) {
    await mkdir(dirname(join(stage, name)), { recursive: true });
    await cp(join(ROOT, name), join(stage, name));
  }
}

async function installProduction(stage) {
  const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  const only = INSTALLED.flatMap((workspace) => ['-w', workspace]);
  await run('npm', ['install', '--prefix', stage, '--omit=dev', '--prefer-offline', ...quiet, ...only], {
    output: 'collect',
    env: { npm_config_update_notifier: 'false' },
    hint: 'npm could not install the packages. Check that this machine reaches the npm registry, then try again.',
  });
  // What npm notes for its next run names the registry, and differs from run to run.
  for (const path of ['node_modules/.package-lock.json', 'package-lock.json', 'bench', 'deploy']) {
    await rm(join(stage, path), { recursive: true, force: true });
  }
  for (const link of ['bench', 'deploy', 'player-sdk']) {
    await rm(join(stage, 'node_modules/@eddy', link), { recursive: true, force: true });
  }
  await rm(join(stage, 'player-sdk/package.json'));
}

async function copyCode(stage) {
  for (const [workspace, folders] of Object.entries(CODE)) {
    for (const folder of folders) {
      const from = join(ROOT, workspace, folder);
      await cp(from, join(stage, workspace, folder), {
        recursive: true,
        filter: (path) => !LEFT_OUT.test(path.slice(ROOT.length)),
      });
    }
  }
}

async function nameIt(stage, version) {
  const release = `${JSON.stringify({ version, platform: platform(), node: process.version }, undefined, 2)}\n`;
  for (const folder of ['.', 'edge', 'origin']) await writeFile(join(stage, folder, 'release.json'), release);
}

async function addNode(stage) {
  const file = join(stage, 'node/bin/node');
  await mkdir(dirname(file), { recursive: true });
  await cp(process.execPath, file, { dereference: true });
  await chmod(file, 0o755);
}

/** It starts from where it is staged, far from this repository's node_modules. */
async function prove(stage, version) {
  const program = join(stage, 'edge/bin/eddy-edge.js');
  const { tail } = await run(process.execPath, [program, '--version'], { output: 'collect' });
  if (tail !== version) throw new Trouble(`The staged eddy-edge calls itself ${tail}, not ${version}`);
}

function platform() {
  return `${process.platform}-${process.arch}`;
}

await script(async () => {
  requireNode();
  endOnSignals();
  const { version: given, out, withNode } = options();
  try {
    const version = checkVersion(given ?? (await currentVersion()));
    await install();
    await build({ workspaces: SHIPPED });
    const stage = await mkdtemp(join(tmpdir(), 'eddy-release-'));
    atEnd(() => rm(stage, { recursive: true, force: true }));
    await step('Installing what runs in production', async () => {
      await copyManifests(stage);
      await installProduction(stage);
      await copyCode(stage);
      await nameIt(stage, version);
      if (withNode) await addNode(stage);
      await prove(stage, version);
    });
    await mkdir(out, { recursive: true });
    const name = `eddy-${version}`;
    const file = join(out, `${name}-${platform()}.tar.gz`);
    await step('Packing', async () => {
      await pack({ folder: stage, name, file, dateSeconds: await sourceDate() });
      return `${((await stat(file)).size / 2 ** 20).toFixed(1)} MiB`;
    });
    say(file);
  } finally {
    await stopEverything();
  }
});
