import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { unlessUpToDate } from './fingerprint.mjs';
import { ROOT } from './paths.mjs';
import { run } from './processes.mjs';
import { script, step } from './step.mjs';

/** Compiled in this order by `tsc --build`. */
const WORKSPACES = ['player-sdk/protocol', 'player-sdk', 'origin', 'edge', 'bench', 'deploy'];
/** Those that also bundle something for browsers. */
const BUNDLES = ['player-sdk', 'edge'];
const SHARED = ['package-lock.json', 'tsconfig.json'];

function exists(path) {
  return stat(join(ROOT, path)).then(
    () => true,
    () => false,
  );
}

/** `tsc --build` trusts its notes even where the files they speak of were deleted. */
async function lostOutput(workspaces) {
  for (const workspace of workspaces) {
    if (
      (await exists(`${workspace}/tsconfig.tsbuildinfo`)) &&
      !(await exists(`${workspace}/dist/index.js`)) &&
      (await exists(`${workspace}/src/index.ts`))
    ) {
      return true;
    }
  }
  return false;
}

/** Compiles and bundles what changed. `workspaces` default to all. */
export async function build({ workspaces = WORKSPACES } = {}) {
  await step('Compiling TypeScript', async () => {
    const outputs = workspaces.map((workspace) => `${workspace}/dist`);
    const inputs = [...SHARED, ...WORKSPACES];
    const did = await unlessUpToDate(
      { name: `compile-${workspaces.join('-').replaceAll('/', '+')}`, inputs, outputs },
      async () => {
        const force = (await lostOutput(WORKSPACES)) ? ['--force'] : [];
        await run(process.execPath, ['node_modules/typescript/bin/tsc', '--build', ...force, ...workspaces], {
          output: 'collect',
        });
      },
    );
    return did ? 'done' : 'up to date';
  });
  for (const workspace of BUNDLES) {
    await step(`Bundling ${workspace}`, async () => {
      const inputs = [...SHARED, 'player-sdk', workspace];
      const outputs = [`${workspace}/dist`];
      const did = await unlessUpToDate({ name: `bundle-${workspace}`, inputs, outputs }, () =>
        // By package name: a folder's name would mean the workspaces inside it too.
        run('npm', ['run', 'bundle', '--workspace', `@eddy/${workspace}`, '--loglevel=error'], {
          output: 'collect',
        }),
      );
      return did ? 'done' : 'up to date';
    });
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await script(() => build());
